# Each verb is a script of that name in scripts/; each makes .venv first if need be.
.PHONY: help setup widgets demo test test-peers test-oldest test-oldest-lab lint types bench bench-live endurance browser faults faults-deep docs picture clean

help:
	@echo "make demo     train digits four times, notebook and script; results in demo/"
	@echo "make test     lint, types, layers, then all tests, vitest first"
	@echo "make test-peers  install torch, JAX and Keras beside .venv, and test with them"
	@echo "make test-oldest the live card in the oldest JupyterLab in which all of it works"
	@echo "make test-oldest-lab the extension in the oldest JupyterLab that it supports"
	@echo "make lint     ruff, import-linter and biome"
	@echo "make types    mypy --strict, tsc"
	@echo "make bench    measure log(), start, end, size, cells, runs, live card; JSON and Markdown in .benchmarks/"
	@echo "make bench-live  measure the live card and fifty finished ones in JupyterLab; Chromium, 4 minutes"
	@echo "make endurance  measure one run of 100 million points; 10 GB, minutes"
	@echo "make faults   kill runs, fill and break disks at full length; figures in docs/trust.md"
	@echo "make faults-deep  power cuts of disk images, file systems that err; root"
	@echo "make docs     make the pages anew that are written from the code"
	@echo "make picture  take the README's picture from the demo anew"
	@echo "make setup    only make .venv and the bundle of the widgets"
	@echo "make widgets  make that bundle anew where js/ has changed"
	@echo "make browser  only install Chromium for the browser tests"
	@echo "make clean    remove .venv, demo/, the bundle and caches"

setup widgets demo test test-peers test-oldest lint types browser faults faults-deep docs picture:
	@scripts/$@

test-oldest-lab:
	@scripts/test-oldest lab

bench: browser
	@scripts/bench

bench-live: browser
	@scripts/bench live finished_cards runs_table media compare

endurance:
	@scripts/bench endurance

clean:
	rm -rf .venv .venv-peers .venv-oldest .venv-oldest-lab js/node_modules js/share src/runfolio/widgets/static demo dist build .benchmarks .faults .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
