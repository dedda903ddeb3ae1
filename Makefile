PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
DATA   ?= data
RUN    ?= runs
MINUTES ?= 600
JOBS   ?= 2
THREADS = $(if $(filter-out 0,$(JOBS)),OMP_NUM_THREADS=1)

.PHONY: help setup demo test test-long coverage lint bench tables docs wheel train-zoo publish-zoo measure-zoo quantise-zoo tables-queue publish-papers gate calibrate-zoo clean

help:            ## list the verbs
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(VENV)/run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/test: $(VENV)/run
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[test]'
	@touch $@

setup: $(VENV)/test ## make .venv with everything for development

demo: $(VENV)/run ## super-resolve a real CT slice and a real MR slice, and show before and after
	$(BIN)/radloupe demo --output demo --overwrite

test: lint       ## run the whole suite, shared among JOBS processes of one thread each
	$(THREADS) $(BIN)/pytest -n $(JOBS) -m 'not long'

test-long: setup ## run the tests that take minutes
	$(BIN)/pytest -m long

coverage: setup  ## run the whole suite and measure which lines and branches it runs; below 90 % is a failure
	$(BIN)/coverage erase
	$(THREADS) $(BIN)/pytest -n $(JOBS) --cov --cov-report=term --cov-report=html:build/coverage -m 'not long'

lint: setup      ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: setup     ## speed, as ratios, in CSV
	$(BIN)/python bench/upscale.py
	$(BIN)/python bench/tiles.py
	$(BIN)/python bench/metrics.py
	$(BIN)/python bench/project.py
	$(BIN)/python bench/nets.py
	$(BIN)/python bench/train.py
	$(BIN)/python bench/train.py --recipe srresnet

tables: setup    ## write the cards, the model tables and the tables in docs/ again from the code and the manifests
	$(BIN)/python scripts/cards.py
	$(BIN)/python scripts/demo_illustration.py
	$(BIN)/python scripts/networks_table.py
	$(BIN)/python scripts/recipes_table.py

docs: setup      ## build the documentation into build/docs; a warning is an error, no network is used
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet docs build/docs
	@echo build/docs/index.html

wheel: setup     ## build the wheel, install it into an empty environment and run its demo there
	rm -rf dist build/wheel
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	$(PYTHON) -m venv build/wheel
	build/wheel/bin/pip install --quiet --disable-pip-version-check dist/radloupe-*.whl
	cd build/wheel && bin/radloupe demo --output demo --overwrite

train-zoo: setup ## go on with the queue of training runs of the robust default models: DATA=folder RUN=folder MINUTES=n
	$(BIN)/python scripts/train_zoo.py --data $(DATA) --runs $(RUN) --minutes $(MINUTES)

publish-zoo: setup ## measure finished runs of the queue on the test split and put them in the place of default models: MODELS="xray-x4"
	$(BIN)/python scripts/publish_zoo.py --data $(DATA) --runs $(RUN) $(MODELS)

measure-zoo: setup ## measure the default models again and write manifests, cards and the tables of docs/models.md: DATA=folder
	$(BIN)/python scripts/measure_zoo.py --data $(DATA) --write
	$(BIN)/python scripts/cards.py

tables-queue: setup ## go on with the papers' tables in scripts/tables_queue.toml: DATA=folder RUN=folder MINUTES=n
	$(BIN)/radloupe reproduce --queue scripts/tables_queue.toml --data $(DATA) --run $(RUN) --minutes $(MINUTES) --no-images

quantise-zoo: setup ## give the default models their int8 form and write it into manifests and cards: DATA=folder
	$(BIN)/python scripts/quantise_zoo.py --data $(DATA)
	$(BIN)/python scripts/cards.py

gate: setup      ## set the thresholds of the input checks on DATA, and measure what they catch
	$(BIN)/python scripts/gate.py --data $(DATA)
	$(BIN)/python scripts/gate_rates.py --data $(DATA)

calibrate-zoo: setup ## calibrate the intervals of the default models on DATA, and measure their coverage
	$(BIN)/python scripts/calibrate_zoo.py --data $(DATA) --write

publish-papers: setup ## make the papers' models from finished tables: RUN=folder
	$(BIN)/python scripts/publish_papers.py --run $(RUN)

clean:           ## remove what the other verbs made
	rm -rf $(VENV) demo build dist docs/reference/generated docs/reference/api .*_cache
