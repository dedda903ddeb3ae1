"""The models of the papers: which table row is published, with intended use and known failures. The metrics come from the table."""

from dataclasses import dataclass

from radloupe.papers.train_default import TRAINED_ON

CHESTS, BRAINS, CHEST_CT = (TRAINED_ON[source] for source in ("chest-xrays", "brain-mri", "chest-ct"))
SHORT = "Trained briefly, and small where the budget says so: not what the paper's authors trained, and its metrics are not theirs."
INVENTS = "It was trained against a critic, which rewards texture that looks right: such texture may be invented."
ONE_SOURCE = "Other scanners, body parts and collections were not measured."


@dataclass(frozen=True)
class PaperModel:
    """A model to publish from the runs of `radloupe reproduce`."""

    name: str
    table: str
    rows: tuple[str, ...]
    """Of the table; the one with the highest PSNR on the validation images is published."""
    columns: tuple[str, ...]
    """Columns over which the model's headline metrics are averaged; all have one data set and scale."""
    beside: tuple[str, ...] = ()
    """Further columns shown on the card."""
    trained_on: str = ""
    warning: str = ""
    """What stands first in the card."""
    use: str = ""
    not_for: str = ""
    failures: tuple[str, ...] = ()


PAPERS = {
    row.name: row
    for row in (
        PaperModel(
            "aid-srgan-x4",
            "aid/1",
            ("Ours", "Ours+"),
            ("mini x4", "plus x4"),
            trained_on=f"{CHESTS}, resized to 512 x 512, as a substitute for the limbs of MURA",
            use="Research on radiographs that were blurred, moved and strongly compressed in unknown ways, and on AID-SRGAN itself.",
            not_for="Diagnosis. Clean radiographs, for which `xray-x4` is made: of those this model leaves a blur without ribs or vessels. "
            "Limbs, which the paper is about: no image of a limb was seen in training or measured.",
            failures=(
                SHORT,
                INVENTS,
                "Chest radiographs replace those of limbs: performance on bones of the hand or the leg was not measured.",
                "Trained on JPEG of quality 3 after blur and noise: fine lines, leads and burnt-in text are smoothed with the noise.",
                "It sees the image's own smallest to largest value as 0 to 1; a single bright marker changes what it takes for noise.",
            ),
        ),
        PaperModel(
            "xpgan-x4",
            "xpgan/1",
            ("XPGAN",),
            ("random k", "k = 40", "k = 30", "k = 20", "k = 10"),
            trained_on=f"{CHESTS}, ten patches of 256 x 256 from each, as a substitute for radiographs of children",
            use="Research on radiographs that were blurred by a moving average before they were shrunk, and on XPGAN itself.",
            not_for="Diagnosis. Radiographs that were hardly blurred: at k = 10 bicubic enlargement is nearer to the truth already. "
            "Measuring sizes, edges or densities.",
            failures=(
                SHORT,
                INVENTS,
                "Its SSIM is below that of bicubic enlargement for every blur: what it adds is sharper, and seldom where the truth has it.",
                "It takes off a part of the blur alone: after k = 20 ribs still have soft edges.",
                ONE_SOURCE,
            ),
        ),
        PaperModel(
            "transform-mri-x4",
            "transform-mri/1",
            ("ours",),
            ("T1 x4", "T2 x4", "FLAIR x4"),
            trained_on=BRAINS,
            use="Research on slices of brain MR of which only the centre of k-space was acquired, and on the paper's network itself.",
            not_for="Diagnosis. Interpolated slices, other organs, and through-plane resolution: thick slices stay thick.",
            failures=(
                SHORT,
                "Three patients of one collection, all with multiple sclerosis, were trained on, and one was measured: "
                "nothing is known of other people, contrasts or field strengths.",
                "Small lesions may be smoothed away, and ringing of the low image may be kept as if it were an edge.",
                "It sees the volume's own smallest to largest value as 0 to 1, and was taught 0 to the largest.",
            ),
        ),
        PaperModel(
            "ttsr-fd-x4",
            "ttsr-fd/2",
            ("TTSR-FD",),
            ("ChestXrayRef",),
            trained_on=f"{CHESTS}, resized to 512 x 512, each with a random other one as the reference",
            warning="This model ignores its reference: with another patient's radiograph, the truth itself or an even grey as the "
            "reference its PSNR is 39.443, 39.447 and 39.442 dB. It was trained on references of other patients alone.",
            use="Research on chest radiographs with a sharp reference (`--reference FILE`): another frontal radiograph of about "
            "the size of the result, of whatever patient; and on TTSR-FD itself.",
            not_for="Diagnosis. Judging what reference-based super-resolution can do: nothing of the reference was seen in its results.",
            failures=(
                SHORT,
                INVENTS,
                "A reference changes nothing that could be measured, and costs the time of the search.",
                "The search takes time and memory that grow with the size of the reference times that of the image.",
                ONE_SOURCE,
            ),
        ),
        PaperModel(
            "ct-uct-x8",
            "ct-uct/1",
            ("Proposed Method",),
            ("synthesised clinical CT",),
            ("reduced micro-CT",),
            trained_on=f"{CHEST_CT}, and one micro-CT of BONE of 128 x 128 x 128 voxels (qim3d's example, MIT), in place of lung",
            use="Research on the method: what unpaired training makes of clinical CT.",
            not_for="Diagnosis, and any reading of what it shows. The result is no micro-CT of the patient: neither its structures nor "
            "its numbers are measured ones.",
            failures=(
                "BONE replaces lung: the model learned the texture of one bone, and adds it everywhere. Over soft tissue and contrast "
                "medium it lays dark speckles a few pixels wide and a thousand Hounsfield units deep, over lung the stripes of its grid.",
                "Its PSNR is below that of bicubic enlargement even on bone: what it adds is seldom where the truth has it.",
                SHORT,
                INVENTS,
                "Its numbers are a bone scanner's grey levels on the scale of Hounsfield units, and are no Hounsfield units.",
                "One volume of each kind, split by slices: all metrics are of one specimen.",
            ),
        ),
    )
}
