# The commands of a developer. `make check` is what .ci/run requires of a change.
PYTHON ?= python3
RESULTS ?= build

.PHONY: setup test slow cover lint docs run bench lowest check

setup:  ## everything for development, in the active environment
	pip install -q -c requirements.lock -e ".[dev,docs]"
	pre-commit install

test:  ## all tests but the slow ones
	pytest

slow:  ## the statistical tests too (about an hour)
	pytest --run-slow

cover:  ## the tests, and the share of the code that they execute (about twice the time)
	pytest --cov

lint:  ## style, types, layers, docstrings, spelling and words
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	git ls-files 'src/*.py' | xargs numpydoc lint
	codespell

docs:  ## the site, strict
	NO_MKDOCS_2_WARNING=1 mkdocs build --strict --quiet --site-dir "$(RESULTS)/site"

run:  ## the whole project on a tiny screen
	kedro run --env test --params "data_root=$(RESULTS)/data"

bench:  ## the benchmarks, about an hour
	$(PYTHON) tests/benchmarks/run.py

lowest:  ## the unit tests with the oldest versions that pyproject.toml allows
	.ci/lowest
