"""The queue of tables: its file, and going on with it in slices."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PILImage

from radloupe.core.errors import UsageError
from radloupe.papers.runner.table_queue import read_queue
from radloupe.papers.table_registry import TABLES

SHIPPED = Path(__file__).parents[2] / "scripts" / "tables_queue.toml"


def test_the_shipped_queue_makes_every_table_and_begins_with_full_size():
    queue = read_queue(SHIPPED)
    assert {one.table for one in queue} == set(TABLES)
    assert (queue[0].table, queue[0].networks, queue[0].seeds, queue[0].steps) == ("ttsr-fd/3", "paper", 5, 0)
    assert len({(one.table, one.networks) for one in queue}) == len(queue)  # each has results of its own
    papers = {(one.table.split("/")[0], one.networks): set() for one in queue}
    for one in queue:
        papers[one.table.split("/")[0], one.networks].add((one.steps, one.seed))
    assert all(len(budgets) == 1 for budgets in papers.values())  # tables of a paper share their runs, and so their budget


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "queue"),
        ("[[queue]]\ntable = 3\n", "table"),
        ("[[queue]]\nsteps = 3\n", "table"),
        ("[[queue]]\ntable = 'xpgan/9'\n", "xpgan/2"),
    ],
)
def test_a_file_that_is_no_queue_is_refused(text, words, tmp_path):
    path = tmp_path / "queue.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=words):
        read_queue(path)


def test_a_queue_is_worked_through_in_slices(tmp_path, radloupe):
    images = tmp_path / "data" / "chest_xray" / "nih"
    images.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for n in range(12):
        PILImage.fromarray(rng.integers(0, 255, (160, 160), dtype=np.uint8)).save(images / f"{n:08d}_000.png")
    entries = [f'[[queue]]\ntable = "xpgan/{number}"\nnetworks = "tiny"\nsteps = 2\nseeds = 2\n' for number in (1, 2)]
    (tmp_path / "queue.toml").write_text("\n".join(entries))

    def go_on(minutes):
        asked = ("--queue", tmp_path / "queue.toml", "--data", tmp_path / "data", "--run", tmp_path / "run", "--minutes", minutes)
        code, out, err = radloupe("reproduce", *asked, "--device", "cpu", "--json")
        assert code == 0, err
        return json.loads(out)

    assert [(record["table"], record["finished"]) for record in go_on(0)] == [("xpgan/1", False)]
    assert [(record["table"], record["rows"], record["finished"]) for record in go_on(10)] == [("xpgan/1", 2, True), ("xpgan/2", 2, True)]
    assert go_on(10) == []
    record = json.loads((tmp_path / "run" / "tiny" / "results" / "xpgan-2" / "table.json").read_text())
    assert record["header"]["training_runs"] == "2 of each row"


def test_a_queue_stands_alone(tmp_path, radloupe):
    code, _, err = radloupe("reproduce", "xpgan/1", "--queue", SHIPPED, "--data", tmp_path, "--run", tmp_path)
    assert code == 2
    assert "--queue alone" in err
