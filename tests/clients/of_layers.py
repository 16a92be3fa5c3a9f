"""Layers: published, listed, used in their order, deleted."""

from acting import Invoked, create, functions, refused, story, updated, zipped

WORD = "import word\ndef lambda_handler(event, context):\n    return word.WORD\n"


def publish(named, word, **more):
    return functions.publish_layer_version(
        LayerName=named, Content={"ZipFile": zipped({"python/word.py": f"WORD = {word!r}\n"})}, **more)


@story
def published_used_and_deleted():
    one = publish("words", "one", Description="first", LicenseInfo="MIT",
                  CompatibleRuntimes=["python3.14"], CompatibleArchitectures=["x86_64"])
    two = publish("words", "two", CompatibleRuntimes=["python3.13"])
    other = publish("other-words", "three", CompatibleRuntimes=["python3.14"])
    assert (one["Version"], two["Version"]) == (1, 2)
    found = functions.get_layer_version(LayerName="words", VersionNumber=1)
    for key in ("LayerVersionArn", "Description", "LicenseInfo", "CompatibleRuntimes", "Content"):
        assert found[key] == one[key], key
    again = functions.get_layer_version_by_arn(Arn=two["LayerVersionArn"])
    assert again["Version"] == 2
    versions = functions.list_layer_versions(LayerName="words")["LayerVersions"]
    assert [version["Version"] for version in versions] == [2, 1]
    pages = functions.get_paginator("list_layer_versions").paginate(
        LayerName="words", PaginationConfig={"PageSize": 1})
    assert [v["Version"] for page in pages for v in page["LayerVersions"]] == [2, 1]
    fitting = functions.list_layers(CompatibleRuntime="python3.14")["Layers"]
    newest = {layer["LayerName"]: layer["LatestMatchingVersion"]["Version"] for layer in fitting}
    assert newest == {"words": 1, "other-words": 1}, newest

    create("layered", WORD, Layers=[one["LayerVersionArn"], other["LayerVersionArn"]])
    assert Invoked("layered").value == "three", "the later layer is not on top"
    functions.update_function_configuration(
        FunctionName="layered", Layers=[other["LayerVersionArn"], one["LayerVersionArn"]])
    updated("layered")
    assert Invoked("layered").value == "one"
    shown = functions.get_function_configuration(FunctionName="layered")["Layers"]
    assert [layer["Arn"] for layer in shown] == [other["LayerVersionArn"], one["LayerVersionArn"]]
    refused("InvalidParameterValueException", functions.update_function_configuration,
            FunctionName="layered", Layers=[one["LayerVersionArn"], two["LayerVersionArn"]])
    refused("InvalidParameterValueException", functions.update_function_configuration,
            FunctionName="layered", Layers=[one["LayerVersionArn"]] * 6)

    functions.delete_layer_version(LayerName="words", VersionNumber=1)
    refused("ResourceNotFoundException", functions.get_layer_version, LayerName="words",
            VersionNumber=1)
    functions.delete_layer_version(LayerName="words", VersionNumber=1)  # Twice is as good.
    assert publish("words", "four")["Version"] == 3, "a number was given twice"
    assert Invoked("layered").value == "one", "a function lost the layer that it uses"
    functions.delete_function(FunctionName="layered")
