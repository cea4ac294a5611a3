"""The variables of `make up`: what is not given has a default, and what cannot be is told by name."""

from __future__ import annotations

import pytest

from local.options import InvalidOption, Ports, read_options, read_ports


def test_nothing_given_is_the_documented_stack() -> None:
    options = read_options({})
    assert options.ports == Ports(emulator=4566, engine=9251, cadip=9001)
    assert (options.search_url, options.search_engine, options.engine_heap) == ("", "opensearch", "512m")


def test_every_port_can_be_chosen() -> None:
    given = {"EMULATOR_PORT": "4599", "ENGINE_PORT": "9262", "CADIP_PORT": "9100"}
    assert read_ports(given) == Ports(emulator=4599, engine=9262, cadip=9100)


def test_an_empty_variable_is_not_given() -> None:
    assert read_options({"EMULATOR_PORT": "", "SEARCH_ENGINE": "", "ENGINE_HEAP": ""}) == read_options({})


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "45.66", " 4566"])
def test_what_is_no_port_is_told(text: str) -> None:
    with pytest.raises(InvalidOption, match=r"EMULATOR_PORT is .* from 1 to 65535"):
        read_ports({"EMULATOR_PORT": text})


def test_two_parts_cannot_share_a_port() -> None:
    with pytest.raises(InvalidOption, match=r"CADIP_PORT and EMULATOR_PORT are both 4566"):
        read_ports({"CADIP_PORT": "4566"})


@pytest.mark.parametrize("port", ["9200", "9300", "8080"])
def test_the_engine_takes_only_the_ports_of_its_runner(port: str) -> None:
    with pytest.raises(InvalidOption, match=r"ENGINE_PORT is \d+; the search engine takes 9201 to 9299"):
        read_ports({"ENGINE_PORT": port})


def test_an_engine_of_the_users_own() -> None:
    options = read_options({"SEARCH_URL": "http://search:9200/", "SEARCH_ENGINE": "elasticsearch"})
    assert (options.search_url, options.search_engine) == ("http://search:9200", "elasticsearch")


def test_our_own_engine_is_no_elasticsearch() -> None:
    with pytest.raises(InvalidOption, match="needs SEARCH_URL"):
        read_options({"SEARCH_ENGINE": "elasticsearch"})


def test_an_unknown_engine_is_told() -> None:
    with pytest.raises(InvalidOption, match="'solr'; it must be opensearch or elasticsearch"):
        read_options({"SEARCH_ENGINE": "solr", "SEARCH_URL": "http://search"})
