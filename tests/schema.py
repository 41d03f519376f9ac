"""The JSON Schema of recordings with its doors closed, so that it finds mistakes of the writer."""

import copy
import functools
import json
from pathlib import Path

import jsonschema

SCHEMA = Path(__file__).parent.parent / "engine" / "event" / "event.schema.json"
PREFIX = "event-"  # of the definitions of events


@functools.lru_cache
def schema():
    return json.loads(SCHEMA.read_text())


@functools.lru_cache
def strict():
    """A validator: no unknown type, no unknown field; made strict as the schema's description says."""
    closed = copy.deepcopy(schema())
    definitions = closed["$defs"]
    types = [name for name in definitions if name.startswith(PREFIX)]
    for name in [*types, "end", "watched"]:
        definitions[name]["unevaluatedProperties"] = False
    closed["properties"]["type"] = {"enum": [name.removeprefix(PREFIX) for name in types]}
    return jsonschema.Draft202012Validator(closed)


@functools.lru_cache
def about(type):
    """The part of the schema that speaks of this type, and the fields that it knows: asking for them by hand is much
    faster than unevaluatedProperties. None if there is no such type."""
    definitions = schema()["$defs"]
    if PREFIX + type not in definitions:
        return None
    known = {*definitions["header"]["properties"], *definitions[PREFIX + type]["properties"]}
    return jsonschema.Draft202012Validator({"$defs": definitions, "$ref": f"#/$defs/{PREFIX}{type}"}), known


def check(event):
    """Fails, with the mistake named, if the event is not what the schema, made strict, says."""
    validator, known = about(event.get("type")) or (None, set())
    if validator and event.keys() <= known and "ends" not in event and validator.is_valid(event):
        return
    error = jsonschema.exceptions.best_match(strict().iter_errors(event))
    assert error is None, f"{json.dumps(event, ensure_ascii=False)}\n{error}"
