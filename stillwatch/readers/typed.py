"""Values of any type made into a column's declared type: vectorised, and where a row resists, that row alone is named.

Casts are safe: nothing is rounded, cut or overflows. Numbers become text only where no digit can have been lost
(whole numbers, not floats); a float NaN is a null, because that is how pandas writes one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from stillwatch.readers.instants import TRUNCATING, normalised, number_reason, text_reason
from stillwatch.tables import INSTANT, Column

JSON_COLUMNS = frozenset({"messages", "tools"})  # text that is JSON: a real list or object there is as good
_WORDS = {pa.string(): "text", pa.bool_(): "true or false", pa.float32(): "a number", INSTANT: "an instant"}
_EXACT_BOOL = r"^(?i:true|false|0|1)$"

Bad = dict[int, str]  # row → reason


def typed(values: Any, column: Column) -> tuple[pa.Array, Bad]:
    """The column as batches hold it, null where a row is bad, and the bad rows. Takes an Arrow array or Python values."""
    if column.repeats and not isinstance(values, list) and _is_coded_text(values):
        return _compact(values), {}
    array, bad = _plain(values, column)
    return (array.dictionary_encode() if column.repeats else array), bad


def _is_coded_text(values: pa.Array) -> bool:
    """Coded already, in good UTF-8: then the texts need not be laid out row by row."""
    if values.type != pa.dictionary(pa.int32(), pa.string()):
        return False
    try:
        values.dictionary.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _compact(values: pa.DictionaryArray) -> pa.DictionaryArray:
    """Only the texts that occur: a slice of a file brings the dictionary of a whole row group along."""
    used = pc.unique(values.indices.drop_null())
    if len(used) == len(values.dictionary):
        return values
    return pa.DictionaryArray.from_arrays(pc.index_in(values.indices, used), values.dictionary.take(used))


def _plain(values: Any, column: Column) -> tuple[pa.Array, Bad]:
    if isinstance(values, list):
        return _from_python(values, column)
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if column.name in JSON_COLUMNS and pa.types.is_nested(values.type):
        values = pa.array(
            [None if one is None else orjson.dumps(one, default=str).decode() for one in values.to_pylist()],
            pa.string(),
        )
    return _from_arrow(values, column)


def _from_python(values: list[Any], column: Column) -> tuple[pa.Array, Bad]:
    """Values parsed from JSON: each Python type is cast as an array of its own, so that one odd row is one odd row."""
    if column.name in JSON_COLUMNS:
        values = [orjson.dumps(one).decode() if isinstance(one, (list, dict)) else one for one in values]
    kinds = set(map(type, values)) - {type(None)}
    if len(kinds) <= 1:
        return _of_one_kind(values, kinds.pop() if kinds else type(None), column)
    result = pa.nulls(len(values), column.type)
    bad: Bad = {}
    for kind in sorted(kinds, key=lambda one: one.__name__):
        rows = [row for row, one in enumerate(values) if type(one) is kind]
        part, part_bad = _of_one_kind([values[row] for row in rows], kind, column)
        mask = np.zeros(len(values), np.bool_)
        mask[rows] = True
        result = pc.replace_with_mask(result, pa.array(mask), part)
        bad.update({rows[row]: reason for row, reason in part_bad.items()})
    return result, bad


_ARROW_TYPES = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(), type(None): pa.null()}


def _of_one_kind(values: list[Any], kind: type, column: Column) -> tuple[pa.Array, Bad]:
    if kind not in _ARROW_TYPES:
        reason = f"{_word(column)} was expected, this is {'a list' if kind is list else 'an object'}"
        return pa.nulls(len(values), column.type), {row: reason for row, one in enumerate(values) if one is not None}
    try:
        array = pa.array(values, _ARROW_TYPES[kind])
    except (pa.ArrowInvalid, OverflowError):  # a whole number beyond 64 bits
        array = pa.array([None if one is None else float(one) for one in values], pa.float64())
    return _from_arrow(array, column)


def _from_arrow(values: pa.Array, column: Column) -> tuple[pa.Array, Bad]:
    source, wanted = values.type, column.type
    if pa.types.is_null(source):
        return pa.nulls(len(values), wanted), {}
    if pa.types.is_floating(source):
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, source), values)
    if _is_text(source):
        values, invalid = _cast(values, _as_text)
        result, bad = _from_text(values, wanted)
        bad.update(dict.fromkeys(invalid, "not UTF-8"))
        return result, {
            row: reason or f"{_word(column)} was expected, this is other text" for row, reason in bad.items()
        }
    convert = _conversion(source, wanted)
    if convert is None:
        there = np.flatnonzero(values.is_valid().to_numpy(zero_copy_only=False)).tolist()
        if wanted == INSTANT and _is_number(source):
            shown = values.to_pylist()
            return pa.nulls(len(values), wanted), {row: number_reason(shown[row]) for row in there}
        return pa.nulls(len(values), wanted), dict.fromkeys(there, f"{_word(column)} was expected, this is {source}")
    result, _ = _cast(_in_range(values, wanted), convert)
    lost = pc.and_(values.is_valid(), result.is_null()).to_numpy(zero_copy_only=False)
    reason = f"{_word(column)} was expected; a value of type {source} does not fit {wanted}"
    return result, dict.fromkeys(np.flatnonzero(lost).tolist(), reason)


def _from_text(values: pa.Array, wanted: pa.DataType) -> tuple[pa.Array, Bad]:
    if wanted == pa.string():
        return values, {}
    if wanted == INSTANT:
        try:  # the usual case: every row in the form that Arrow knows
            return pc.cast(values, INSTANT), {}
        except pa.ArrowInvalid:
            candidates = normalised(values)
    elif pa.types.is_boolean(wanted):
        candidates = _matching(values, _EXACT_BOOL)
    else:
        candidates = _matching(
            values, r"^[+-]?\d+$" if pa.types.is_integer(wanted) else r"^[+-]?\d+\.?\d*([eE][+-]?\d+)?$"
        )
    result, _ = _cast(candidates, lambda array: _finite(pc.cast(array, wanted)))
    lost = pc.and_(values.is_valid(), result.is_null()).to_numpy(zero_copy_only=False)
    return result, dict.fromkeys(np.flatnonzero(lost).tolist(), text_reason() if wanted == INSTANT else "")


def _conversion(source: pa.DataType, wanted: pa.DataType) -> Callable[[pa.Array], pa.Array] | None:
    """How to cast, or None when the two have nothing in common."""
    if source == wanted:
        return _finite if pa.types.is_floating(wanted) else lambda array: array
    if wanted == INSTANT:
        known = pa.types.is_timestamp(source) or pa.types.is_date(source)
        return (lambda array: pc.cast(array, options=TRUNCATING)) if known else None
    if wanted == pa.string():
        return (lambda array: pc.cast(array, wanted)) if pa.types.is_integer(source) else None
    if pa.types.is_integer(wanted):
        return (lambda array: pc.cast(array, wanted)) if _is_number(source) else None
    if pa.types.is_floating(wanted):
        return (lambda array: _finite(pc.cast(pc.cast(array, pa.float64()), wanted))) if _is_number(source) else None
    if pa.types.is_boolean(wanted):
        return _zero_or_one if pa.types.is_integer(source) else None
    return None


def _cast(values: pa.Array, convert: Callable[[pa.Array], pa.Array]) -> tuple[pa.Array, list[int]]:
    """Convert the whole; where that fails, halve until the failing rows are alone. Those become null and are listed."""
    try:
        return convert(values), []
    except pa.ArrowInvalid:
        if len(values) == 1:
            wanted = convert(values.slice(0, 0)).type
            return pa.nulls(1, wanted), [0]
    middle = len(values) // 2
    left, left_bad = _cast(values.slice(0, middle), convert)
    right, right_bad = _cast(values.slice(middle), convert)
    return pa.concat_arrays([left, right]), left_bad + [middle + row for row in right_bad]


def _as_text(values: pa.Array) -> pa.Array:
    """As plain string, checked to be UTF-8: Parquet readers pass on whatever bytes are there."""
    if values.type == pa.string():
        values.validate(full=True)
        return values
    return pc.cast(pc.cast(values, pa.binary()), pa.string())


def _in_range(values: pa.Array, wanted: pa.DataType) -> pa.Array:
    """Null where a whole number is too large: cheaper than failing casts when a whole column is."""
    if not (pa.types.is_signed_integer(values.type) and pa.types.is_integer(wanted)):
        return values
    bits = min(values.type.bit_width, wanted.bit_width) - 1
    least, most = pa.scalar(-(2**bits), values.type), pa.scalar(2**bits - 1, values.type)
    fits = pc.and_(pc.greater_equal(values, least), pc.less_equal(values, most))
    return pc.if_else(fits, values, pa.scalar(None, values.type))


def _finite(values: pa.Array) -> pa.Array:
    if pa.types.is_floating(values.type) and pc.any(pc.is_inf(values)).as_py():
        raise pa.ArrowInvalid("infinite")
    return values


def _zero_or_one(values: pa.Array) -> pa.Array:
    extremes = pc.min_max(values).as_py()
    if extremes["min"] is not None and (extremes["min"] < 0 or extremes["max"] > 1):
        raise pa.ArrowInvalid("neither 0 nor 1")
    return pc.cast(values, pa.bool_())


def _matching(values: pa.Array, pattern: str) -> pa.Array:
    """Null where the text does not look right: cheaper than failing casts row by row when a whole column is wrong."""
    return pc.if_else(pc.match_substring_regex(values, pattern), values, pa.scalar(None, values.type))


def _is_text(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
        or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)
    )  # fmt: skip


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _word(column: Column) -> str:
    return _WORDS.get(column.type, f"a whole number ({column.type})")
