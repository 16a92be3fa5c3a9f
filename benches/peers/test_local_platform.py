"""What the race of platforms makes of times, and how it signs."""

import threading
import unittest
from http.server import BaseHTTPRequestHandler, HTTPServer

from comparing import answer, compare
from signed import Connection, Keys


class Goals(unittest.TestCase):
    def test_a_goal_is_reached_only_if_the_whole_interval_is_on_its_side(self):
        self.assertEqual(answer([0.5, 0.8], 0.8), "reached")
        self.assertEqual(answer([0.7, 0.9], 0.8), "undecided")
        self.assertEqual(answer([0.81, 0.9], 0.8), "not reached")

    def test_what_disturbs_a_whole_round_disturbs_no_ratio(self):
        compared = compare([1, 2, 4, 8, 16], [2, 4, 8, 16, 32], 0.8)
        self.assertEqual((compared["ratio"], compared["interval"]), (0.5, [0.5, 0.5]))
        self.assertEqual(compared["answer"], "reached")
        self.assertEqual(compared["ours"], {"median": 4, "quartiles": [2, 8], "n": 5})

    def test_rounds_that_one_side_missed_are_no_comparison(self):
        self.assertRaises(ValueError, compare, [1, 2], [1, 2, 3])


class Signatures(unittest.TestCase):
    def test_a_signature_is_the_one_that_botocore_makes(self):
        # botocore 1.44.8, SigV4Auth, at the same second, over the same three headers.
        keys = Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "lambda")
        empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        signed = keys.headers("GET", "127.0.0.1:9000", "/2015-03-31/functions/f", "a=1", empty,
                              now=1_440_938_160)
        self.assertIn("x-amz-date: 20150830T123600Z\r\n", signed)
        self.assertIn("a07cf01ebf103eac75ab08fc73ed27e3b6e41cc1c10675cd27869e4aeae97967", signed)


class Answers(unittest.TestCase):
    def test_one_connection_is_asked_again_and_again(self):
        class Echo(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = HTTPServer(("127.0.0.1", 0), Echo)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with Connection(f"http://127.0.0.1:{server.server_port}", room=1 << 17) as connection:
            for body in (b"", b"short", b"x" * 100_000):
                status, answer_body = connection.ask("POST", "/", body)
                self.assertEqual((status, bytes(answer_body)), (200, body))
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    unittest.main()
