"""The option `--network FILE.py:CLASS`, for a network from one's own file."""

NETWORK = "A network of your own, as FILE.py:CLASS; the file is run."


def register(reference: str | None) -> str | None:
    """The name under which the network is registered; None where none was given. Raises `UsageError`."""
    if reference is None:
        return None
    from radloupe.networks import register_network

    return register_network(reference)
