"""The forms in which a model is published, by the names that `radloupe publish --as` takes. It imports no torch: `--help` is quick."""

from radloupe.core.tables import Table

FORMS = Table(
    "form to publish a model in",
    {
        "folder": "radloupe.zoo.forms:model_folder",
        "monai": "radloupe.zoo.forms:monai_bundle",
        "huggingface": "radloupe.zoo.forms:hugging_face",
    },
)
"""Functions of the manifest and the bytes of the weights that give the files of the folder."""
