"""What was there is there again at the next start; told against a second server."""


import acting
from acting import Invoked, functions, logs, objects, story
import of_invocations
import of_layers


def leave_something():
    """For the next start; told last of the first."""
    layer = of_layers.publish("left", "left")["LayerVersionArn"]
    acting.create("left", of_layers.WORD, Layers=[layer], Tags={"a": "b"})
    functions.put_function_concurrency(FunctionName="left", ReservedConcurrentExecutions=3)
    assert Invoked("left").value == "left"
    objects.create_bucket(Bucket="left")
    objects.put_object(Bucket="left", Key="a b", Body=b"left", Metadata={"a": "b"})


@story
def with_all_that_was_there():
    shown = functions.get_function(FunctionName="left")
    assert shown["Tags"] == {"a": "b"} and shown["Configuration"]["State"] == "Active", shown
    assert shown["Concurrency"]["ReservedConcurrentExecutions"] == 3
    invoked = Invoked("left")
    assert invoked.value == "left" and "Init Duration" in invoked.log
    assert of_invocations.written("left").count("START RequestId") == 2, "logs were lost"
    got = objects.get_object(Bucket="left", Key="a b")
    assert got["Body"].read() == b"left" and got["Metadata"] == {"a": "b"}
    assert functions.list_layer_versions(LayerName="left")["LayerVersions"][0]["Version"] == 1
