"""The format of recordings: what the engine writes and what event.schema.json says are the same.

The unit test test_json writes random events of every type, and lists the table of fields (fields.h) that they are made
from. Both are held against the schema here, with its doors closed: no unknown type, no unknown field.
"""

import json
import subprocess

import jsonschema
import pytest

import schema as of_recordings
from schema import PREFIX

# Bits of `when` in fields.h.
NOT_ZERO, NOT_NONE, TCP, ANY_ICMP = 1, 2, 4, 8


@pytest.fixture
def schema():
    return of_recordings.schema()


@pytest.fixture
def strict():
    return of_recordings.strict()


def lines(build, *arguments):
    output = subprocess.run([build / "tests/unit/test_json", *arguments], check=True, capture_output=True).stdout
    return [json.loads(line) for line in output.decode().split("\n") if line]


@pytest.fixture
def fields(build):
    """Type -> name of field -> its row; the header's under the type ""."""
    table = {}
    for row in lines(build, "--fields"):
        table.setdefault(row["type"], {})[row["field"]] = row
    return table


def is_reserved(part):
    return part.get("$comment") == "reserved"


def written(properties):
    return {name for name, part in properties.items() if not is_reserved(part)}


def names_of(part):
    """Words that the schema allows in a field."""
    for choice in part.get("anyOf", [part]):
        if "enum" in choice and not is_reserved(choice):
            return choice["enum"]
    return []


def test_schema_is_sound(schema):
    jsonschema.Draft202012Validator.check_schema(schema)


def test_random_events_are_valid(build, strict):
    seen = set()
    for event in lines(build, "--dump", "40"):
        of_recordings.check(event)
        seen |= {(event["type"], key) for key in event}
    for name, definition in strict.schema["$defs"].items():
        if name.startswith(PREFIX):
            missing = written(definition["properties"]) - {key for type_, key in seen if type_ == name.removeprefix(PREFIX)}
            assert not missing, f"{name}: {missing} never came up"


def test_every_type_is_in_both(fields, schema):
    types = {name.removeprefix(PREFIX) for name in schema["$defs"] if name.startswith(PREFIX)}
    assert types == set(fields) - {""}
    assert types == set(names_of(schema["properties"]["type"]))
    cases = {case["if"]["properties"]["type"]["const"]: case["then"]["$ref"] for case in schema["allOf"]}
    assert cases == {name: f"#/$defs/{PREFIX}{name}" for name in types}


def test_every_field_is_in_both(fields, schema):
    header = schema["$defs"]["header"]
    assert list(header["properties"]) == ["id", "t", "type", *list(fields[""])[2:]]
    assert header["required"] == ["id", "t", "type"]
    for name, rows in fields.items():
        if name:
            definition = schema["$defs"][PREFIX + name]
            assert [key for key in definition["properties"] if not is_reserved(definition["properties"][key])] == list(rows)
            assert definition["required"] == [key for key, row in rows.items() if row["when"] == 0]


def test_conditions_of_packets_are_in_both(fields, schema):
    conditions = schema["$defs"]["event-packet"]["allOf"][1:]
    for bit, condition in zip((TCP, ANY_ICMP), conditions, strict=True):
        rows = {key: row for key, row in fields["packet"].items() if row["when"] & bit}
        assert condition["then"]["required"] == [key for key, row in rows.items() if row["when"] == bit]
        assert list(condition["else"]["properties"]) == list(rows)


def test_every_word_is_in_both(fields, schema):
    for name, rows in fields.items():
        for key, row in rows.items():
            if row["names"]:
                optional = row["when"] & NOT_ZERO
                words = names_of(schema["$defs"][PREFIX + name]["properties"][key])
                assert words == row["names"][1 if optional else 0 :], f"{name}: {key}"


def test_everything_is_described(schema):
    for name, definition in schema["$defs"].items():
        for key, part in definition.get("properties", {}).items():
            assert part.get("description"), f"{name}: {key}"


VALID = {"id": 1, "t": 0, "type": "call", "call": "send", "result": -1, "errno": "EPIPE", "data": "a\\x00"}


@pytest.mark.parametrize(
    "change",
    [
        {"id": -1},
        {"t": 0.5},
        {"type": "weather"},
        {"call": "fork"},
        {"result": None},
        {"errno": "broken pipe"},
        {"data": "\\"},
        {"data": "\\x0"},
        {"address": "localhost:80"},
        {"fd": 1 << 31},
        {"colour": "blue"},
    ],
)
def test_mistakes_are_found(strict, change):
    assert strict.is_valid(VALID)
    assert not strict.is_valid(VALID | change)


def test_readers_meet_later_versions(schema):
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(VALID | {"colour": "blue"})
    assert validator.is_valid({"id": 1, "t": 0, "type": "weather", "rain": True})
    assert not validator.is_valid({"id": 1, "type": "weather"})


def test_the_fast_check_finds_the_same_mistakes():
    of_recordings.check(VALID)
    for change in ({"colour": "blue"}, {"call": "fork"}, {"type": "weather"}, {"result": None}):
        with pytest.raises(AssertionError):
            of_recordings.check(VALID | change)
    end = {"host": "a", "name": "eth0", "mac": "02:00:00:00:00:01"}
    link = {"id": 1, "t": 0, "type": "link", "link": "a-b", "delay_ns": 0, "mtu": 1500}
    of_recordings.check(link | {"ends": [end]})
    with pytest.raises(AssertionError):
        of_recordings.check(link | {"ends": [end | {"colour": "blue"}]})
