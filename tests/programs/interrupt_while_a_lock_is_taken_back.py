"""An interrupt that another thread asks for comes when the lock of a condition was taken back, not in place of that."""
import _thread
import threading

ended = {"interrupted": 0, "lost": 0}
for _ in range(200):
    thread = threading.Thread(target=_thread.interrupt_main)
    try:
        thread.start()
        thread.join()
    except KeyboardInterrupt:
        ended["interrupted"] += 1
    except RuntimeError:
        ended["lost"] += 1
    thread.join()
print(ended)
