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
    for name in [*types, "end"]:
        definitions[name]["unevaluatedProperties"] = False
    closed["properties"]["type"] = {"enum": [name.removeprefix(PREFIX) for name in types]}
    return jsonschema.Draft202012Validator(closed)


def check(event):
    """Fails, with the mistake named, if the event is not what the schema says."""
    error = jsonschema.exceptions.best_match(strict().iter_errors(event))
    assert error is None, f"{json.dumps(event, ensure_ascii=False)}\n{error}"
