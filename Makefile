# Rollcall: what a person and CI run alike. `make` alone explains.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

SWIFT_SOURCES := Package.swift Sources Tests
SCRIPTS = $(shell grep -rIl '^\#!.*bash' scripts models Benchmarks .ci)
ROLLCALL := .build/release/rollcall

.PHONY: help setup build demo serve screenshots test test-asan test-tsan lint format graph models model-sums fit-impostors face-detector second-encoder train-mask train-periocular bench bench-live clean distclean

help:
	@printf 'Rollcall knows who is in front of the camera, and keeps the attendance log.\n\n'
	@printf 'Start with:  make demo\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what Rollcall is built from (Debian packages, and .deps/); seconds when it is there
	@scripts/setup

build: setup ## Build the program: .build/release/rollcall
	swift build --configuration release --product rollcall-video
	swift build --configuration release --product rollcall

demo: build ## Enroll three people, find them in other pictures, label masks, export the log
	swift build --configuration release --product demo-pictures
	@scripts/demo

serve: build ## The console with the demo's people, at http://localhost:8443/
	swift build --configuration release --product demo-pictures
	@scripts/serve

screenshots: build ## Pictures of the console's pages with the demo's people, into docs/screenshots/ (minutes)
	swift build --configuration release --product demo-pictures
	@scripts/screenshots

test: setup ## Build and run every test, with a real MongoDB
	swift build --build-tests
	swift test --skip-build --disable-xctest

# TBB_ENABLE_SANITIZERS: oneTBB, under OpenVINO, otherwise loads a library in a way that sanitizers refuse.
# fast_unwind_on_malloc=0: without it the stacks of allocations end in libraries that keep no frame pointers, and a leak of
# ours cannot be told from one of theirs. It makes this run about four times longer.
test-asan: setup ## The tests under AddressSanitizer and LeakSanitizer
	TBB_ENABLE_SANITIZERS=1 ASAN_OPTIONS=fast_unwind_on_malloc=0:malloc_context_size=15 \
	  LSAN_OPTIONS='suppressions=$(CURDIR)/Tests/sanitizers/leaks.txt:print_suppressions=0' \
	  swift test --disable-xctest --sanitize=address --scratch-path .build/address

test-tsan: setup ## The tests under ThreadSanitizer
	TBB_ENABLE_SANITIZERS=1 swift test --disable-xctest --sanitize=thread --scratch-path .build/thread

lint: setup ## Check the style of Swift and shell files, the modules' imports, and that no photo is in the repository
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)
	shellcheck --external-sources --check-sourced $(SCRIPTS)
	scripts/check-photos
	scripts/graph check

format: ## Put the Swift files into the style that `make lint` asks for
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

graph: ## Check the modules' imports and draw docs/modules.svg (needs graphviz)
	scripts/graph check
	scripts/graph draw

openapi: build ## Write docs/openapi.json, the description of the API
	@scripts/openapi

models: ## Convert dlib's networks into the files in models/ again
	@scripts/setup --models
	@models/convert/run
	@$(MAKE) model-sums

model-sums: ## Write models/SHA256SUMS, which rollcall doctor compares the models with
	cd models && LC_ALL=C sha256sum *.dat *.json *.onnx >SHA256SUMS

fit-impostors: setup ## Fit the impostor models: DATA=folder with faces/faces.csv, PEOPLE=folder of one folder per person
	swift run --configuration release fit-impostors face '$(DATA)/faces/faces.csv' '$(PEOPLE)' models/face-impostors.json
	swift run --configuration release fit-impostors periocular '$(DATA)/faces/faces.csv' '$(PEOPLE)' models/periocular-impostors.json
	swift run --configuration release fit-impostors second '$(DATA)/faces/faces.csv' '$(PEOPLE)' \
	  models/second-impostors.json models/train/second/left-out.txt

face-detector: ## Round the face detector to 8 bits: PHOTOS=folder of photos with faces
	@models/train/detector/run '$(PHOTOS)'
	@$(MAKE) model-sums

second-encoder: ## Restore the second encoder, train it if PEOPLE= and STRANGERS= are given, round it to 8 bits: PHOTOS=
	@models/train/second/run '$(PHOTOS)' '$(PEOPLE)' '$(STRANGERS)'
	@$(MAKE) model-sums

train-mask: setup ## Train the mask classifier: DATA=folder with labels.csv, BARE=folder of photos of bare faces
	@models/train/mask/run '$(DATA)' '$(BARE)'

train-periocular: setup ## Train the periocular encoder: STRANGERS=list of photos, one person each; PEOPLE=one folder per person
	@models/train/periocular/run '$(STRANGERS)' '$(PEOPLE)'

bench: build ## Measure Rollcall against dlib on this machine
	$(ROLLCALL) bench

bench-live: build ## Measure live beside the same job written with Python's face_recognition
	@Benchmarks/live/run

bench-serve: build ## Measure the API under load beside the engine alone (needs apache2-utils)
	@Benchmarks/serve/run

clean: ## Remove what was built
	rm -rf .build demo-output

distclean: clean ## Remove what was built and what set-up fetched; Debian packages stay
	rm -rf .deps
