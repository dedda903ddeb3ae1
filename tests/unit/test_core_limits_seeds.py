"""Limits, seeds, tables."""

import pytest

from radloupe.core import limits, seeds
from radloupe.core.errors import InputError, LimitError, UsageError
from radloupe.core.tables import Table


@pytest.mark.parametrize(("text", "size"), [("2GiB", 2**31), ("512M", 2**29), ("1.5 KB", 1536), ("77", 77)])
def test_sizes_are_read(text, size):
    assert limits.parse_bytes(text) == size


@pytest.mark.parametrize("text", ["", "lots", "-1G", "0", "2 bananas"])
def test_bad_sizes_are_refused(text):
    with pytest.raises(UsageError):
        limits.parse_bytes(text)


def test_shapes_are_checked_without_allocating():
    limits.check_shape((1, 100, 512, 512))
    with pytest.raises(LimitError, match="million pixels"):
        limits.check_shape((65_535, 65_535))
    with pytest.raises(LimitError, match="axes"):
        limits.check_shape((1, 65_536))
    with pytest.raises(InputError, match="at least one pixel"):
        limits.check_shape((3, 0, 3))


def test_headers_may_not_promise_more_than_a_file_can_hold():
    limits.check_expansion(10 * 2**20, 2**20)
    with pytest.raises(LimitError):
        limits.check_expansion(10**9, 384)
    with pytest.raises(LimitError):
        limits.check_expansion(300 * 2**20, 2**20)


def test_empty_files_are_bad_input_and_large_ones_over_a_limit():
    with pytest.raises(InputError, match="empty"):
        limits.check_file_size(0)
    with pytest.raises(LimitError):
        limits.check_file_size(2**40)


def test_random_numbers_depend_on_the_key_alone():
    draw = seeds.generator(7, "patches", 3).random(4)
    seeds.generator(7, "patches", 2).random(100)
    assert (seeds.generator(7, "patches", 3).random(4) == draw).all()
    assert (seeds.generator(7, "patches", 4).random(4) != draw).all()
    assert (seeds.generator(8, "patches", 3).random(4) != draw).all()


def test_tables_resolve_on_use_and_suggest():
    table = Table("thing", {"ordered": "collections:OrderedDict", "missing": "no_such_module:x"})
    assert table["ordered"].__name__ == "OrderedDict"
    with pytest.raises(UsageError, match="Did you mean 'ordered'"):
        table["order"]
    with pytest.raises(ModuleNotFoundError):
        table["missing"]
