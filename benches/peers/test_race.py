"""What the race makes of times: python3 -m unittest discover -s benches/peers"""

import unittest

from courses import Course, Goal
from race import against_goal, compare, file_beside_peers, is_peer

COURSE = Course("depth", None, "photograph", 1)


def runner(entrant, *times, wrong=None, size=1000):
    return {"entrant": entrant, "idiom": "plain", "times": list(times), "bytes": size,
            "wrong": wrong, "findings": []}


def answer(times, *runners):
    everyone = list(runners)
    compare(everyone, COURSE)
    return against_goal(Goal(times), everyone)


class Goals(unittest.TestCase):
    def test_a_goal_is_reached_only_if_the_whole_interval_is_beyond_it(self):
        native = runner("native", 10, 10, 11, 10, 9)
        self.assertEqual(answer(2.0, native, runner("one", 30, 31, 30, 29, 30))["answer"],
                         "reached")
        self.assertEqual(answer(4.0, native, runner("one", 30, 31, 30, 29, 30))["answer"],
                         "not reached")
        self.assertEqual(answer(3.0, native, runner("one", 27, 36, 30, 25, 34))["answer"],
                         "undecided")

    def test_the_fastest_right_peer_counts_and_a_wrong_one_never_does(self):
        native = runner("native", 10, 10, 10, 10, 10)
        slow, fast = runner("slow", 50, 50, 50, 50, 50), runner("fast", 30, 30, 30, 30, 30)
        wrong = runner("wrong", 5, 5, 5, 5, 5, wrong="it is upside down")
        made = answer(2.0, native, slow, wrong, fast)
        self.assertEqual((made["peer"], made["ratio"]), ("fast plain", 3.0))
        self.assertFalse(is_peer(wrong))

    def test_speed_of_a_wrong_native_output_reaches_nothing(self):
        native = runner("native", 1, 1, 1, 1, 1, wrong="it is empty")
        made = answer(2.0, native, runner("one", 30, 30, 30, 30, 30))
        self.assertEqual(made["answer"], "not reached: its own output is wrong")

    def test_no_peer_is_no_goal_reached(self):
        self.assertEqual(answer(1.0, runner("native", 1, 1, 1))["answer"], "no such peer")


class Intervals(unittest.TestCase):
    def test_what_disturbs_a_whole_round_disturbs_no_ratio(self):
        native, peer = runner("native", 10, 20, 40, 80, 160), runner("one", 20, 40, 80, 160, 320)
        compare([native, peer], COURSE)
        self.assertEqual(peer["interval"], [2.0, 2.0])


class Files(unittest.TestCase):
    def test_a_file_is_held_against_the_fastest_of_comparable_size(self):
        native = runner("native", 10, 10, 10, size=1010)
        big = runner("big", 20, 20, 20, size=2000)
        near = runner("near", 30, 30, 30, size=1000)
        small = runner("small", 90, 90, 90, size=950)
        everyone = [native, big, near, small]
        compare(everyone, COURSE)
        made = file_beside_peers(everyone)
        self.assertEqual((made["peer"], made["answer"]), ("near plain", "reached"))
        native["bytes"] = 1030
        self.assertEqual(file_beside_peers(everyone)["answer"], "not reached")


if __name__ == "__main__":
    unittest.main()
