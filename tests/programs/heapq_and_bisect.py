"""Priority queues and sorted insertion."""
import heapq, bisect
h = [5, 1, 4, 2]; heapq.heapify(h); heapq.heappush(h, 0); print([heapq.heappop(h) for _ in range(5)], heapq.nlargest(2, [1, 5, 3]), heapq.nsmallest(2, "cab", key=ord), list(heapq.merge([1, 4], [2, 3])), heapq.heappushpop([1, 2], 0), heapq.heapreplace([1, 2], 5))
l = [1, 3, 3, 5]; print(bisect.bisect(l, 3), bisect.bisect_left(l, 3), bisect.bisect_right([("a", 1)], 1, key=lambda p: p[1])); bisect.insort(l, 4); print(l)
