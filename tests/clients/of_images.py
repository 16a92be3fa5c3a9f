"""Container images as functions: found, unpacked, started as they say; and what is wrong told."""

import functools
import tempfile
from pathlib import Path

import acting
from acting import ROLE, Invoked, functions, refused, story, updated, zipped

APP = '''
import os
from pathlib import Path

def lambda_handler(event, context):
    here = sorted(str(path) for path in Path("/function").rglob("*") if "__pycache__" not in str(path))
    return {"directory": os.getcwd(), "files": here, "environment": dict(os.environ),
            "linked": Path("/usr/lib/through-a-link").read_text(), "group": context.log_group_name,
            "memory": context.memory_limit_in_mb}

def other(event, context):
    return "the other"
'''
START = {"Entrypoint": ["python3.14", "-m", "awslambdaric"], "Cmd": ["app.lambda_handler"],
         "WorkingDir": "/function", "User": "nobody",
         "Env": ["COLOUR=grey", "SIZE=small", "PATH=/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE=1"]}


@functools.cache
def layers():
    below = images().base()
    for name in ("gone", "kept", "folder/old", "linked"):
        below.file(f"function/{name}", name)
    above = images().Layer(compressed=True)
    above.file("function/folder/new", "new").file("function/folder/.wh..wh..opq")
    above.file("function/.wh.gone").file("./function/app.py", APP)
    above.file("lib/through-a-link", "led by /lib to /usr/lib")
    above.link("function/hard", "function/kept", kind=b"1").link("function/fifo", "", kind=b"6")
    return below.done(), above.done()


def images():
    import images  # Needs the Python of functions, which is there once the first has been made.
    return images


def create(named, address, **more):
    made = functions.create_function(FunctionName=named, PackageType="Image", Role=ROLE, Timeout=15,
                                     MemorySize=512, Code={"ImageUri": address}, **more)
    functions.get_waiter("function_active_v2").wait(FunctionName=named, WaiterConfig=acting.SOON)
    return made


@story
def run_as_they_say():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        built = images().Built(layers(), **START)
        layout = built.layout(folder / "layout", "one", "mine:two")
        made = create("image", f"oci:{layout}:one", Environment={"Variables": {"SIZE": "large"}})
        assert made["PackageType"] == "Image" and "Runtime" not in made and "Handler" not in made
        assert made["CodeSha256"] == built.digest and made["CodeSize"] == 0, made
        shown = functions.get_function(FunctionName="image")
        assert shown["Code"] == {
            "RepositoryType": "ECR", "ImageUri": f"oci:{layout}:one",
            "ResolvedImageUri": f"oci:{layout}:one@sha256:{built.digest}"}, shown["Code"]
        invoked = Invoked("image")
        assert not invoked.error, (invoked.value, invoked.log)
        value = invoked.value
        assert value["directory"] == "/function" and value["group"] == "/aws/lambda/image", value
        # What the layer above takes away is gone; what it lays beside is there.
        assert value["files"] == [f"/function/{name}" for name in (
            "app.py", "folder", "folder/new", "hard", "kept", "linked")], value["files"]
        assert value["linked"] == "led by /lib to /usr/lib"
        variables = value["environment"]
        for name, expected in {"COLOUR": "grey", "SIZE": "large", "PATH": "/usr/bin:/bin",
                               "AWS_LAMBDA_FUNCTION_NAME": "image", "TZ": ":UTC"}.items():
            assert variables[name] == expected, (name, variables[name])
        assert "_HANDLER" not in variables and "LD_LIBRARY_PATH" not in variables, variables
        assert "Init Duration" in invoked.log and "Init Duration" not in Invoked("image").log

        config = {"Command": ["app.other"], "WorkingDirectory": "/function"}
        functions.update_function_configuration(FunctionName="image", ImageConfig=config)
        updated("image")
        assert Invoked("image").value == "the other"
        shown = functions.get_function_configuration(FunctionName="image")
        assert shown["ImageConfigResponse"] == {"ImageConfig": config}, shown
        for wrong, kind, words in [
                ({"EntryPoint": ["/no/such"]}, "Runtime.InvalidEntrypoint",
                 "fork/exec /no/such: no such file or directory"),
                ({"EntryPoint": ["/function/app.py"]}, "Runtime.InvalidEntrypoint",
                 "fork/exec /function/app.py: permission denied"),
                ({"WorkingDirectory": "/no/such"}, "Runtime.InvalidWorkingDir",
                 "chdir /no/such: no such file or directory")]:
            functions.update_function_configuration(FunctionName="image", ImageConfig=wrong)
            updated("image")
            failed = Invoked("image")
            assert failed.value["errorType"] == kind, failed.value
            assert failed.value["errorMessage"].endswith(words), failed.value

        # Another image, as an archive; then as the archive of a layout.
        again = images().Built([*layers(), images().Layer().file(
            "function/app.py", "def lambda_handler(event, context):\n    return 7\n").done()], **START)
        functions.update_function_configuration(FunctionName="image", ImageConfig={})
        updated("image")
        saved = again.saved(folder / "saved.tar")
        answer = functions.update_function_code(FunctionName="image",
                                                ImageUri=f"docker-archive:{saved}")
        assert answer["CodeSha256"] == again.config, answer
        updated("image")
        assert Invoked("image").value == 7
        import tarfile
        with tarfile.open(folder / "layout.tar", "w") as archive:
            for child in sorted(layout.iterdir()):
                archive.add(child, child.name)
        functions.update_function_code(FunctionName="image",
                                       ImageUri=f"oci-archive:{folder}/layout.tar:two")
        updated("image")
        assert Invoked("image").value["directory"] == "/function"
        functions.delete_function(FunctionName="image")


@story
def refused_with_the_place_and_the_mend():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        small = [images().Layer().file("a", "a").done()]
        two = images().Built(small, **START).layout(folder / "two", "one", "two")
        arm = images().Built(small, architecture="arm64", **START).layout(folder / "arm", "a")
        (folder / "empty").mkdir()

        def told(words, **wrong):
            asked = {"FunctionName": "refused", "PackageType": "Image", "Role": ROLE,
                     "Code": {"ImageUri": f"oci:{two}:one"}, **wrong}
            error = refused("InvalidParameterValueException", functions.create_function, **asked)
            assert words in error["Error"]["Message"], error["Error"]["Message"]

        address = "000000000000.dkr.ecr.us-east-1.amazonaws.com/mine:latest"
        told("nothing is fetched from a registry", Code={"ImageUri": address})
        told("No such file", Code={"ImageUri": "oci:/nowhere/at/all"})
        told("neither index.json nor manifest.json", Code={"ImageUri": f"oci:{folder}/empty"})
        told("several images (one, two): name one by :TAG", Code={"ImageUri": f"oci:{two}"})
        told('no image "three"', Code={"ImageUri": f"oci:{two}:three"})
        told("the image is for linux/arm64", Code={"ImageUri": f"oci:{arm}"})
        told("don't provide Handler or Runtime", Runtime="python3.14")
        told("don't provide ZipFile", Code={"ImageUri": f"oci:{two}:one", "ZipFile": b"x"})
        told("provide ImageUri", Code={"ZipFile": zipped({"a": "b"})})
        told("don't provide ImageUri", PackageType="Zip", Runtime="python3.14", Handler="a.b")


@story
def broken_ones_fail_and_say_why():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        climbing = [images().Layer().file("../../outside", "x").done()]
        through = [images().Layer().link("way", "/").file("way/../../../tmp/out", "x").done()]
        altered = images().Built([images().Layer().file("a", "a").done()], **START)
        altered.blobs[altered.layers[0][0]] = images().Layer().file("a", "b").done()[0]
        for name, built, words in [
                ("climbing", images().Built(climbing, **START), "leads out of the image"),
                ("through", images().Built(through, **START), "leads out of the image"),
                ("altered", altered, "is not what its digest says")]:
            layout = built.layout(folder / name, "a")
            functions.create_function(FunctionName=name, PackageType="Image", Role=ROLE,
                                      Code={"ImageUri": f"oci:{layout}"})
            for _ in range(50):
                shown = functions.get_function_configuration(FunctionName=name)
                if shown["State"] != "Pending":
                    break
            assert shown["State"] == "Failed" and words in shown["StateReason"], shown
            refused("ResourceConflictException", functions.invoke, FunctionName=name)
            functions.delete_function(FunctionName=name)
        assert not Path("/outside").exists() and not Path("/tmp/out").exists()
