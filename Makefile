# make chat    set up, ingest corpus/, open the chat on 127.0.0.1:7860
# make test    set up and run every test
# make check   lint, types and tests: the whole gate
# make docs    build the documentation into build/docs
# make eval    ask the gold questions and print the figures
# make mutants break aiqa in ten ways and check that `aiqa eval` notices each
# make bench-peers FILE=dev-v1.1.json   aiqa beside Haystack and txtai, which it installs
# make bench   every figure of docs/pages/performance.md for this machine; FILE=… as above is optional
# make torture do for hours what `make test` does for seconds: kill, starve and fuzz

PYTHON ?= python3
INDEX ?= index
PORT ?= 7860
VENV := .venv
BIN := $(VENV)/bin

.PHONY: chat test check lint types eval train docs mutants bench bench-peers corpus torture clean browser

chat: $(VENV)/.installed
	$(BIN)/aiqa ingest corpus --index $(INDEX)
	$(BIN)/aiqa chat --index $(INDEX) --port $(PORT)

# Two tests at a time, each on one core: with more threads they would wait for each other.
# One that hangs, or whose fixtures do, fails after five minutes and says where.
test: $(VENV)/.test-installed browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist worksteal \
	  -o faulthandler_timeout=300 -o faulthandler_exit_on_timeout=true

check: lint types test

torture: $(VENV)/.test-installed
	AIQA_TORTURE_KILLS=200 AIQA_TORTURE_EMBEDDER=bundled AIQA_TORTURE_SECONDS=300 \
	  AIQA_TORTURE_FUZZ=2000 AIQA_TORTURE_INDEX=2000 AIQA_TORTURE_CLUSTER_KILLS=100 \
	  AIQA_TORTURE_WORKER_KILLS=100 AIQA_TORTURE_STORE_ROUNDS=20 AIQA_TORTURE_NODE_KILLS=10 \
	  $(BIN)/python -m pytest tests/torture tests/cluster/test_cluster_ingestion.py \
	  tests/cluster/test_failing_store.py tests/cluster/test_shard_actors.py --durations=0
	$(BIN)/python -m eval.receipt_mutations

lint: $(VENV)/.test-installed
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.test-installed
	$(BIN)/mypy

docs: $(VENV)/.docs-installed
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict --config-file docs/mkdocs.yml

eval: $(VENV)/.installed
	$(BIN)/aiqa ingest corpus --index $(INDEX)
	$(BIN)/aiqa eval eval/gold.jsonl --index $(INDEX)

# DATA is a folder with the public sets that the recipe names, ENCODER one with all-mpnet-base-v2.
# An interrupted run resumes.
train: $(VENV)/.installed
	$(BIN)/aiqa train reader src/aiqa/training/recipes/reader.toml --data $(DATA) \
	  --encoder $(ENCODER) --out runs/reader

mutants: $(VENV)/.installed
	$(BIN)/python -m eval.mutants

# FILE has questions with a context each, such as SQuAD's.
bench-peers: $(VENV)/.test-installed
	$(BIN)/python -m eval.benchmarks.peers $(FILE)

bench: $(VENV)/.test-installed
	$(BIN)/aiqa ingest corpus --index $(INDEX)
	$(BIN)/python -m eval.benchmarks --index $(INDEX) $(if $(FILE),--file $(FILE))

# The HTML, PDF and DOCX documents of corpus/ are made from eval/corpus/.
corpus: $(VENV)/.test-installed
	$(BIN)/python eval/corpus/build.py

$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "Installing aiqa with all that it needs into $(VENV) (about 3 GB): a minute or two."
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all]'
	touch $@

$(VENV)/.test-installed: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all,test]'
	touch $@

$(VENV)/.docs-installed: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[all,docs]'
	touch $@

# The browser tests drive Debian's Chromium.
browser:
	command -v chromium >/dev/null || { \
	  SUDO=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$SUDO apt-get update -qq && $$SUDO env DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq chromium; }

clean:
	rm -rf $(VENV) .venv-peers index/catalog.sqlite3* index/derived-*
