"""Finalizers of a cycle run once, even if one of them brings the object back."""
import gc
saved = []
class Phoenix:
    def __init__(self): self.loop = self
    def __del__(self):
        print("del")
        saved.append(self)
Phoenix()
gc.collect()
print(len(saved), saved[0].loop is saved[0])
saved.clear()
gc.collect()
print("not called again", gc.garbage)
