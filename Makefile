# What a newcomer types. Every target first installs whatever it needs and the machine lacks.

SHELL := bash
.DEFAULT_GOAL := help

# Tools that setup-node brought along come first, then those of the npm packages.
export PATH := $(CURDIR)/.portico/node/bin:$(CURDIR)/node_modules/.bin:$(PATH)

# Seconds that `make fuzz` spends on each codec.
FUZZ_SECONDS ?= 60
# Minutes that `make soak` runs.
SOAK_MINUTES ?= 30
# Times that `make crash` kills the hub.
CRASH_KILLS ?= 20
# More options for `make bench`, such as BENCH="--case fan-out --seconds 2".
BENCH ?=

.PHONY: help
help: ## show this list
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' Makefile | expand -t 16

.PHONY: setup
setup: ## install Node.js, if need be, and the npm packages
	@scripts/setup-node
	@scripts/setup-packages

.PHONY: build
build: setup ## compile all packages
	tsc -b

.PHONY: run
run: build ## start Portico with config/portico.yaml
	exec bin/portico start -c config/portico.yaml

.PHONY: test
test: build ## run all tests
	@scripts/need-commands mosquitto_pub=mosquitto-clients coap-client-notls=libcoap3-bin coap-client-openssl=libcoap3-bin coap-client-gnutls=libcoap3-bin openssl=openssl prlimit=util-linux stomp=python3-stomp
	@scripts/unpack-debian rabbitmq-server /usr/lib/rabbitmq/bin/rabbitmq-server
	@scripts/run-tests

.PHONY: lint
lint: build ## check style, layering and unused code
	npm run --silent lint

.PHONY: fuzz
fuzz: build ## feed every codec hostile bytes for FUZZ_SECONDS (60)
	node test/dist/fuzz/main.js --seconds $(FUZZ_SECONDS)

.PHONY: soak
soak: build ## let 5,000 clients come and go for SOAK_MINUTES (30) and watch the memory
	node test/dist/soak/main.js --minutes $(SOAK_MINUTES)

.PHONY: crash
crash: build ## kill the hub under load CRASH_KILLS (20) times and look for what it has lost
	@scripts/need-commands prlimit=util-linux
	node test/dist/crash/main.js --kills $(CRASH_KILLS)

.PHONY: bench
bench: build ## measure Portico beside mosquitto, aedes, node-coap and RabbitMQ
	@command -v mosquitto >/dev/null || scripts/unpack-debian mosquitto /usr/sbin/mosquitto
	@scripts/unpack-debian rabbitmq-server /usr/lib/rabbitmq/bin/rabbitmq-server
	node bench/dist/main.js $(BENCH)

.PHONY: clean
clean: ## remove what build made
	find . -name node_modules -prune -o -name dist -type d -prune -exec rm -rf {} +
