"""The option `--network FILE.py:CLASS`, for a user-defined network."""

NETWORK = "A network of your own, as FILE.py:CLASS; the file is run."


def register(reference: str | None) -> str | None:
    """Register the network and return its name; None without the option. Raises `UsageError`."""
    if reference is None:
        return None
    from radloupe.networks import register_network

    return register_network(reference)
