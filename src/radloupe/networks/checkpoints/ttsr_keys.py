"""Names of TTSR's tensors in the files of researchmm/TTSR, which leave out the extractor's frozen copy."""

from collections.abc import Sequence

from radloupe.networks.checkpoints.keys import Rules


def released_rules(blocks: Sequence[int]) -> Rules:
    """From our names to theirs, for the residual blocks of the trunk and of each branch at 1, 2 and 4 times the size."""
    return [
        (r"^head\.0\.", "SFE.conv_head."),
        *inside("trunk", "SFE.RBs", "SFE.conv_tail", blocks[0]),
        *(
            rule
            for stage, count in enumerate(blocks[1:], 1)
            for own in range(1, stage + 1)
            for rule in inside(f"stages.{stage - 1}.bodies.{own - 1}", f"RB{stage}{own}", f"conv{stage}{own}_tail", count)
        ),
        *((rf"^stages\.{n}\.fuse\.", f"conv{n + 1}{n + 1}_head.") for n in range(3)),
        *((rf"^stages\.{n}\.grow\.0\.", f"conv{n}{n + 1}.") for n in (1, 2)),
        *gathering("stages.1.exchange.0", "ex12", "conv_merge1", "conv21"),
        *gathering("stages.1.exchange.1", "ex12", "conv_merge2", "conv12"),
        *gathering("stages.2.exchange.0", "ex123", "conv_merge1", "conv21", "conv31_1 conv31_2"),
        *gathering("stages.2.exchange.1", "ex123", "conv_merge2", "conv12", "conv32"),
        *gathering("stages.2.exchange.2", "ex123", "conv_merge3", "conv13", "conv23"),
        *gathering("gather", "merge_tail", "conv_merge", "conv13", "conv23"),
        *((rf"^tail\.{n}\.", f"merge_tail.conv_tail{n + 1}.") for n in range(2)),
        (r"^(?!extractor)", "MainNet."),
        (r"^extractor\.levels\.0\.0\.", "LTE.slice1.0."),
        *(
            (rf"^extractor\.levels\.{level}\.{n}\.", f"LTE.slice{level + 1}.{index}.")
            for level, n, index in ((1, 0, 2), (1, 3, 5), (2, 0, 7), (2, 3, 10))
        ),
        (r"^extractor\.", "LTE."),
    ]


def inside(ours: str, theirs: str, tail: str, count: int) -> list[tuple[str, str]]:
    """Names of a row of residual blocks with its last convolution."""
    pattern = ours.replace(".", r"\.")
    return [
        (rf"^{pattern}\.{count}\.", f"{tail}."),
        *((rf"^{pattern}\.(\d+)\.{index}\.", rf"{theirs}.\1.{name}.") for index, name in ((0, "conv1"), (2, "conv2"))),
    ]


def gathering(ours: str, theirs: str, merge: str, *paths: str) -> list[tuple[str, str]]:
    """Names of a gathering; a path of two convolutions has two names joined by a blank."""
    pattern = ours.replace(".", r"\.")
    convolutions = [(n, 2 * k, name) for n, names in enumerate(paths) for k, name in enumerate(names.split())]
    return [
        (rf"^{pattern}\.merge\.", f"{theirs}.{merge}."),
        *((rf"^{pattern}\.paths\.{n}\.{index}\.", f"{theirs}.{name}.") for n, index, name in convolutions),
    ]
