"""The symbol table of scopes that nest far deeper than the recursion limit."""
import symtable

table = symtable.symtable("lambda: " * 2500 + "x", "deep", "exec")
depth = 0
while table.has_children():
    table, = table.get_children()
    depth += 1
print(depth, table.get_type(), table.get_name(), table.get_identifiers(), table.is_nested())
del table
