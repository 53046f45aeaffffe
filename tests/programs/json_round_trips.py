"""json: encoding, decoding, errors."""
import json
v = {"a": [1, 2.5, None, True, "é\n\"\\"], "b": {}, "c": [], "d": 1e100}; print(json.dumps(v), json.dumps(v, ensure_ascii=False, indent=1, sort_keys=True), json.loads(json.dumps(v)) == v, json.dumps({1: 2, None: 3, True: 4, 1.5: 5}), json.dumps([float("nan"), float("inf")]), json.dumps((1, 2), separators=(",", ":")), json.dumps("\ud83d\ude00\u2028\x7f"), json.loads('"\\ud83d\\ude00"'), json.loads(" [1 , -0.5e3 ] "), json.loads("1" * 50))
for t in ("", "[", "[1,]", '{"a"}', '{"a":1,}', "nul", "'a'", '"a', "1 2", "[1 2]", '{1:2}', "-", "01"):
    try: json.loads(t)
    except json.JSONDecodeError as e: print(repr(t), e)
for o in ({1, 2}, {(1,): 2}, object, b"x"):
    try: json.dumps(o)
    except TypeError as e: print(e)
r = []; r.append(r)
try: json.dumps(r)
except ValueError as e: print(e)
print(json.loads('{"a":1,"a":2}', object_pairs_hook=list), json.dumps(object, default=str), json.loads("1.1", parse_float=str))
