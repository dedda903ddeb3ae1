"""MetaImage with its data beside it: both files appear, or none."""

import pytest

import radloupe.formats as formats
from radloupe.core.errors import InputError, UsageError
from volume_factory import volume


def test_header_and_data_stand_side_by_side(tmp_path):
    formats.write(volume("int16"), tmp_path / "a.mhd")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.mhd", "a.raw"]
    assert (tmp_path / "a.raw").stat().st_size == 2 * 60


def test_foreign_data_is_not_replaced(tmp_path):
    (tmp_path / "a.raw").write_text("theirs")
    with pytest.raises(UsageError, match=r"a\.raw exists"):
        formats.write(volume("int16"), tmp_path / "a.mhd")
    assert [p.read_text() for p in tmp_path.iterdir()] == ["theirs"]


def test_both_files_are_replaced_together(tmp_path):
    formats.write(volume("uint8"), tmp_path / "a.mhd")
    formats.write(volume("int16"), tmp_path / "a.mhd", overwrite=True)
    assert formats.read(tmp_path / "a.mhd").pixels.dtype == "int16"


def test_a_header_with_anothers_data_is_refused(tmp_path):
    formats.write(volume("int16"), tmp_path / "a.mhd")
    formats.write(volume("uint8"), tmp_path / "b.mhd")
    (tmp_path / "b.raw").replace(tmp_path / "a.raw")
    with pytest.raises(InputError, match="bytes of pixels"):
        formats.read(tmp_path / "a.mhd")


def test_a_name_that_readers_take_for_a_pattern_is_refused(tmp_path):
    with pytest.raises(UsageError, match="pattern"):
        formats.write(volume("int16"), tmp_path / "a%03d.mhd")
    assert list(tmp_path.iterdir()) == []
