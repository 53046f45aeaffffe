"""ast: parse, dump, unparse, literal_eval, compile."""
import ast
t = ast.parse("def f(a, *, b=1) -> int:\n  'd'\n  return a + b * 2 if a else [x for x in b]"); print(ast.dump(t)); print(ast.unparse(t), ast.get_docstring(t.body[0]), t.body[0].lineno, t.body[0].end_col_offset)
print(ast.literal_eval("{'a': [1, (2,), None, -1.5, b'x', {1}]}"), sum(isinstance(n, ast.Name) for n in ast.walk(t)), ast.dump(ast.parse("x", mode="eval")), eval(compile(ast.Expression(ast.BinOp(ast.Constant(1), ast.Add(), ast.Constant(2), lineno=1, col_offset=0) and ast.fix_missing_locations(ast.BinOp(ast.Constant(1), ast.Add(), ast.Constant(2)))), "c", "eval")))
class V(ast.NodeTransformer):
    def visit_Constant(self, n): return ast.Constant(n.value + 1) if isinstance(n.value, int) else n
print(ast.unparse(V().visit(ast.parse("x = 1 + 2"))))
for b in ("ast.literal_eval('a')", "compile(ast.Module([ast.Expr()], []), 'c', 'exec')", "ast.Name('a', 1, 2, 3)", "ast.parse('(')"):
    try: eval(b); print("ok")
    except Exception as e: print(type(e).__name__, str(e).split(' at 0x')[0])
