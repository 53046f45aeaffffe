"""Sets that come from views of dictionaries have the room that CPython gives them: their order shows it."""


def multiples(factor, count):
    return {i * factor % 97: i for i in range(count)}


for count in (*range(9), 13, 24, 39):
    a, b = multiples(7, count), multiples(11, count // 2)
    print(count)
    for left, right in [(a, b), (b, a)]:
        print(" or ", list(left.keys() | right), list(left.keys() | right.keys()), list(left.items() | right.items()))
        print(" and", list(left.keys() & right), list(left.keys() & right.keys()), list(left.items() & right.items()))
        print(" sub", list(left.keys() - right), list(left.keys() - right.keys()), list(left.items() - right.items()))
        print(" xor", list(left.keys() ^ right), list(left.keys() ^ right.keys()), list(left.items() ^ right.items()))
        print(" xor with a list", list(left.keys() ^ list(right)), list(left.items() ^ list(right.items())))
        updated = set(left)
        updated.symmetric_difference_update(right)
        print(" update", list(updated), list(set(left).symmetric_difference(right)), list(set(left) ^ set(right)))


class Keys(dict):
    def __iter__(self):
        return iter([3, 1, 2])


print(list(Keys({5: 0, 4: 0}).keys() ^ {4: 0, 17: 0}))
