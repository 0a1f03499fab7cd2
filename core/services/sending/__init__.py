"""Use cases for sending: request, execute, retry, cancel, settle doubts, acknowledge a restored backup.

A send's way through the files: `request_send` (or `batches`) and `store_request` store it. `drain_connection` takes it
when it is due, and `execute_send` runs its `steps`; `post_lines` posts its cost lines. `store_outcome` stores what a
call led to, by the rules of `lifecycle`. `endpoint_gate` and `call_places` say when Spectrum may be called.
"""
