"""Calls the extension `domains`, whose folder is the first argument, and prints what it gives."""
import sys

sys.path.insert(0, sys.argv[1])
import domains

for hooked in range(3):
    print([domains.asked(hooked, used) for used in range(3)])
for domain in range(3):
    before, after = domains.blocks(domain, sys.getallocatedblocks)
    print(domain, (after - before) // 50)
print(domains.exchange(), domains.without_lock())


def attempt(function, *args):
    try:
        print(function.__name__, *args, function(*args))
    except BaseException as error:
        print(function.__name__, *args, type(error).__name__, error, sep=": ")


for text in ["", "si", "s#", "s#i", "y#", "z#", "U#", "(s#)i", "[s#i]", "{s#:i}", "((s#))"]:
    attempt(domains.unclean, text)
attempt(domains.unclean_call, max)
attempt(domains.unclean_method, [])
