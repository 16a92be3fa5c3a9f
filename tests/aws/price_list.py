"""AWS's price list on loopback, as far as `photofinish prices --refresh` asks it; nobody else serves
one here.

The documents have the shape that the Price List API's manual shows and the public offer files have:
each a JSON text in a list of texts, prices as text with ten decimals, steps by `beginRange` and
`endRange` with `Inf` at the end, no order among them, attributes that not every offer has. Among
them lie the offers that are easily taken for those that are meant. The prices are the bundled
book's, of us-east-1; SKUs are made up.
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import threading

PUBLISHED = "2026-11-20"


def offer(sku, service, usage, unit, steps, region=("regionCode", "us-east-1"), **attributes):
    """Steps are pairs of where one begins and its price, the first at 0."""
    ends = [begin for begin, _ in steps[1:]] + ["Inf"]
    dimensions = {
        f"{sku}.JRTCKXETXF.{number}": {
            "rateCode": f"{sku}.JRTCKXETXF.{number}", "description": f"${usd} per {unit}",
            "unit": unit, "beginRange": str(begin), "endRange": str(end),
            "pricePerUnit": {"USD": f"{usd:.10f}"}, "appliesTo": [],
        } for number, ((begin, usd), end) in enumerate(zip(steps, ends))}
    return {
        "product": {"sku": sku, "attributes": {
            "servicecode": service, "usagetype": usage, region[0]: region[1], **attributes}},
        "serviceCode": service,
        "terms": {"OnDemand": {f"{sku}.JRTCKXETXF": {
            "sku": sku, "offerTermCode": "JRTCKXETXF", "effectiveDate": "2026-11-01T00:00:00Z",
            # Backwards: nobody promises an order.
            "priceDimensions": dict(reversed(dimensions.items())), "termAttributes": {}}}},
        "version": "20261120000000", "publicationDate": f"{PUBLISHED}T13:10:00Z",
    }


FROM = ("fromRegionCode", "us-east-1")
OFFERS = [
    offer("L1", "AWSLambda", "Lambda-GB-Second", "Lambda-GB-Second",
          [(0, 0.0000166667), (6000000000, 0.000015), (15000000000, 0.0000133334)],
          group="AWS-Lambda-Duration"),
    offer("L2", "AWSLambda", "Lambda-GB-Second-ARM", "Lambda-GB-Second",
          [(0, 0.0000133334), (7500000000, 0.0000120001), (18750000000, 0.0000106667)],
          group="AWS-Lambda-Duration-ARM"),
    offer("L3", "AWSLambda", "Request", "Requests", [(0, 0.0000002)], group="AWS-Lambda-Requests"),
    offer("L4", "AWSLambda", "Request-ARM", "Requests", [(0, 0.0000002)],
          group="AWS-Lambda-Requests-ARM"),
    # What the free tier is, for the whole account.
    offer("L5", "AWSLambda", "Global-Request", "Requests", [(0, 0.0)], ("regionCode", ""),
          group="AWS-Lambda-Requests"),
    offer("S1", "AmazonS3", "Requests-Tier1", "Requests", [(0, 0.000005)], group="S3-API-Tier1"),
    offer("S2", "AmazonS3", "Requests-Tier2", "Requests", [(0, 0.0000004)], group="S3-API-Tier2"),
    offer("S3", "AmazonS3", "TimedStorage-ByteHrs", "GB-Mo",
          [(0, 0.023), (51200, 0.022), (512000, 0.021)], volumeType="Standard",
          storageClass="General Purpose"),
    offer("S4", "AmazonS3", "TimedStorage-ByteHrs", "GB-Mo", [(0, 0.021)],
          volumeType="INTAAS3ObjectOverhead"),
    offer("W1", "AmazonCloudWatch", "USE1-DataProcessing-Bytes", "GB", [(0, 0.5)],
          group="Ingested Logs", operation="PutLogEvents"),
    offer("W2", "AmazonCloudWatch", "USE1-DataProcessingIA-Bytes", "GB", [(0, 0.25)],
          group="Ingested Logs", operation="PutLogEvents"),
    offer("T1", "AWSDataTransfer", "DataTransfer-Out-Bytes", "GB",
          [(0, 0.0), (100, 0.09), (10240, 0.085)], FROM, transferType="AWS Outbound",
          toLocation="External"),
    offer("F1", "AmazonStates", "USE1-StateTransition", "StateTransitions",
          [(0, 0.0), (4000, 0.000025)], group="SFN-StateTransitions"),
    offer("F2", "AmazonStates", "USE1-StepFunctions-Request", "Requests", [(0, 0.000001)],
          group="SFN-ExpressWorkflows-Requests"),
    offer("F3", "AmazonStates", "USE1-StepFunctions-GB-Second", "GB-Seconds",
          [(0, 0.00001667), (1000, 0.00000833)], group="SFN-ExpressWorkflows-Duration"),
    offer("E1", "AmazonECR", "TimedStorage-ByteHrs", "GB-Mo", [(0, 0.1)]),
    offer("E2", "AmazonECR", "ECR-Public-TimedStorage-ByteHrs", "GB-Mo", [(0, 0.1)]),
]


def answer(asked, offers):
    """The page that is asked for; pages hold one document, so that nobody can do with the first."""
    wanted = {one["Field"]: one["Value"] for one in asked.get("Filters", [])}
    found = [one for one in offers if one["serviceCode"] == asked["ServiceCode"]
             and all(one["product"]["attributes"].get(name) == value
                     for name, value in wanted.items())]
    at = int(asked.get("NextToken", "0"))
    page = {"FormatVersion": "aws_v1", "PriceList": [json.dumps(one) for one in found[at:at + 1]]}
    return page | ({"NextToken": str(at + 1)} if at + 1 < len(found) else {})


class PriceList:
    """A server of these offers, for as long as the block lasts."""

    def __init__(self, offers=None):
        offers = OFFERS if offers is None else offers

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
                body = json.dumps(answer(asked, offers)).encode()
                self.send_response(200)
                self.send_header("content-type", "application/x-amz-json-1.1")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
