//! Images pushed to a registry and pulled from it, and a repository of ECR's in between.

use std::collections::BTreeMap;
use std::path::Path;

use photofinish_cloud::{
    Account, Blob, Change, Cloud, Code, ImageCode, ImageUpload, Kind, Reference, Registry,
    RepositorySpec, Resource, Sort, Tags,
};
use photofinish_study::Architecture;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::against_moto::{ON_MOTO, connect, function, hasty, owned, tags};
use crate::ground::account;
use crate::peers::{Act, DockerRegistry, Judge, MiniStack, Moto, Script};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const CONFIGURATION: &str = "application/vnd.oci.image.config.v1+json";

fn digest(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hash}")
}

fn blob(media_type: &str, bytes: &[u8]) -> Blob {
    Blob::new(digest(bytes), media_type, bytes.into())
}

fn described(blob: &Blob) -> Value {
    json!({"mediaType": blob.media_type, "digest": blob.digest, "size": blob.bytes.len()})
}

fn tagged(media_type: &str, manifest: &Value, blobs: Vec<Blob>) -> ImageUpload {
    let manifest = blob(media_type, manifest.to_string().as_bytes());
    let tag = manifest.digest.replace("sha256:", "");
    ImageUpload { blobs, manifest, tag }
}

/// An image of these layers; whatever they are, no registry looks into them.
fn image(architecture: &str, layers: &[&[u8]]) -> ImageUpload {
    let layers: Vec<Blob> = layers.iter().map(|layer| blob(LAYER, layer)).collect();
    let configuration = json!({"architecture": architecture, "os": "linux"}).to_string();
    let configuration = blob(CONFIGURATION, configuration.as_bytes());
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": described(&configuration),
        "layers": layers.iter().map(described).collect::<Vec<_>>(),
    });
    tagged(MANIFEST, &manifest, layers.into_iter().chain([configuration]).collect())
}

fn reference(registry: &DockerRegistry, version: &str) -> Reference {
    Reference::new(&format!("{}/some/thing:{version}", registry.host())).expect("a reference")
}

/// What lies in a folder, by name.
fn kept(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = std::fs::read_dir(folder).expect("a folder").map(|entry| {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, std::fs::read(&path).expect("a file"))
    });
    files.collect()
}

#[tokio::test]
async fn what_a_registry_has_is_not_pushed_again_and_all_is_pulled_as_it_was() {
    let server = DockerRegistry::open();
    let registry = Registry::of(&reference(&server, "1")).expect("a client");
    let large = vec![7; 3 << 20];
    let (one, other) = (image("amd64", &[&large, b"one"]), image("arm64", &[&large, b"other"]));
    let first = registry.push(&one).await.expect("pushed");
    assert_eq!((first.images, first.blobs), (1, 3));
    let shares = registry.push(&other).await.expect("pushed");
    assert_eq!((shares.images, shares.blobs), (1, 2), "the large layer is there");
    let again = registry.push(&one).await.expect("pushed");
    assert_eq!((again.images, again.blobs, again.bytes), (0, 0, 0));

    let manifests = [(&one, "amd64"), (&other, "arm64")].map(|(image, architecture)| {
        let mut described = described(&image.manifest);
        described["platform"] = json!({"os": "linux", "architecture": architecture});
        described
    });
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
    let index = tagged(INDEX, &index, Vec::new());
    registry.push(&index).await.expect("pushed");

    let folder = tempfile::tempdir().expect("a folder");
    let named = reference(&server, &index.tag);
    for (wanted, architecture) in
        [(&one, Architecture::X86_64), (&other, Architecture::Arm64), (&one, Architecture::X86_64)]
    {
        let pulled = registry.pull(&named, architecture, folder.path()).await.expect("pulled");
        assert_eq!(pulled.digest, wanted.manifest.digest);
        let layers = pulled.layers.iter().map(|(layer, _)| layer.digest.as_str());
        assert!(layers.eq(wanted.blobs[..2].iter().map(|blob| blob.digest.as_str())));
        for ((_, path), blob) in pulled.layers.iter().zip(&wanted.blobs) {
            assert!(std::fs::read(path).expect("kept") == blob.bytes);
        }
    }
    // Three layers, and an index, two manifests and two configurations.
    assert_eq!(kept(folder.path()).len(), 8);
    // By its digest it is there already, whether the registry is or not.
    let exact = format!("{}/some/thing@{}", server.host(), one.manifest.digest);
    let exact = Reference::new(&exact).expect("a reference");
    drop(server);
    registry.pull(&exact, Architecture::X86_64, folder.path()).await.expect("it is kept");
}

#[tokio::test]
async fn what_a_registry_does_not_have_is_told() {
    let server = DockerRegistry::open();
    let registry = Registry::of(&reference(&server, "1")).expect("a client");
    let folder = tempfile::tempdir().expect("a folder");
    let none = reference(&server, "none");
    let nowhere = registry.pull(&none, Architecture::X86_64, folder.path()).await;
    assert_eq!(nowhere.expect_err("no such tag").kind(), Kind::NotFound);
}

#[tokio::test]
async fn a_registry_that_wants_a_password_lets_nobody_in_without_it() {
    let server = DockerRegistry::start();
    let registry = Registry::of(&reference(&server, "1")).expect("a client");
    let error = registry.push(&image("amd64", &[b"one"])).await.expect_err("nobody knows us");
    assert_eq!(error.kind(), Kind::AccessDenied, "{error}");
}

#[tokio::test]
async fn what_breaks_off_is_begun_anew_and_what_is_refused_is_not() {
    let location = |path: &str| vec![("location", path.to_owned())];
    let answer = |status, headers| Act::Answer { status, headers, body: String::new() };
    let wanted = image("amd64", &[b"one"]);
    let mut without = wanted.clone();
    without.blobs.truncate(1);
    let script = Script::play([
        Act::answer(503, ""),
        Act::answer(404, ""),
        // The layer: an upload that breaks off, and one that goes through.
        Act::answer(404, ""),
        answer(202, location("/v2/some/thing/blobs/uploads/a?state=1")),
        Act::Leave,
        Act::answer(404, ""),
        answer(202, location("/v2/some/thing/blobs/uploads/b?state=1")),
        answer(202, location("/v2/some/thing/blobs/uploads/b?state=2")),
        Act::answer(201, ""),
        // The manifest: put, but the answer is lost.
        Act::answer(404, ""),
        Act::Leave,
        Act::answer(200, ""),
    ]);
    let host = script.endpoint().url.replace("http://", "");
    let named = Reference::new(&format!("{host}/some/thing:1")).expect("a reference");
    let registry = Registry::of(&named).expect("a client").with_patience(hasty());
    let pushed = registry.push(&without).await.expect("pushed");
    assert_eq!((pushed.images, pushed.blobs), (1, 1));
    let seen = script.requests();
    let digest = &wanted.blobs[0].digest;
    assert_eq!(seen.len(), 12, "{seen:?}");
    assert_eq!(seen[8], "PUT /v2/some/thing/blobs/uploads/b", "{seen:?}");
    assert!(seen[2].ends_with(digest.as_str()) && seen[5].ends_with(digest.as_str()), "{seen:?}");

    let denied = json!({"errors": [{"code": "DENIED", "message": "not for you"}]}).to_string();
    let script =
        Script::play([Act::answer(404, ""), Act::answer(404, ""), Act::answer(403, denied)]);
    let host = script.endpoint().url.replace("http://", "");
    let named = Reference::new(&format!("{host}/some/thing:1")).expect("a reference");
    let error = Registry::of(&named).expect("a client").push(&wanted).await.expect_err("denied");
    assert_eq!((error.kind(), error.code()), (Kind::AccessDenied, Some("DENIED")));
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test]
async fn a_token_that_everybody_gets_is_asked_for_and_other_bytes_are_not_kept() {
    let wanted = image("amd64", &[b"one"]);
    let text = |blob: &Blob| String::from_utf8(blob.bytes.to_vec()).expect("text");
    let tokens = Script::play([Act::answer(200, json!({"token": "for-everybody"}).to_string())]);
    let challenge = format!(
        "Bearer realm=\"{}/token\",service=\"r\",scope=\"repository:some/thing:pull\"",
        tokens.endpoint().url
    );
    let headers = vec![("www-authenticate", challenge)];
    let script = Script::play([
        Act::Answer { status: 401, headers, body: String::new() },
        Act::answer(200, text(&wanted.manifest)),
        Act::answer(200, text(&wanted.blobs[1])),
        Act::answer(200, "two"),
    ]);
    let host = script.endpoint().url.replace("http://", "");
    let named = Reference::new(&format!("{host}/some/thing:1")).expect("a reference");
    let registry = Registry::of(&named).expect("a client");
    let folder = tempfile::tempdir().expect("a folder");
    let error = registry.pull(&named, Architecture::X86_64, folder.path()).await;
    let error = error.expect_err("one is not two");
    assert!(error.to_string().contains(&wanted.blobs[0].digest), "{error}");
    assert_eq!(kept(folder.path()).len(), 2, "the manifest and the configuration");
    assert_eq!((script.requests().len(), tokens.requests()), (4, vec!["GET /token".to_owned()]));
}

/// A repository of one study's images.
pub(crate) fn repository(name: &str) -> RepositorySpec {
    let tags: Tags =
        tags().into_iter().chain([("photofinish".to_owned(), "quick".to_owned())]).collect();
    RepositorySpec { name: name.to_owned(), functions: "pf-quick-".to_owned(), tags }
}

async fn of_image(cloud: &Cloud, account: &Account, image: &ImageUpload) -> Code {
    let made = cloud.ensure_repository(account, &repository("pf-quick-images")).await;
    let made = made.expect("made");
    made.registry.push(image).await.expect("pushed");
    let uri = format!("{}@{}", made.uri, image.manifest.digest);
    Code::Image(ImageCode { uri, sha256: image.tag.clone() })
}

#[tokio::test]
async fn a_function_is_made_of_what_was_pushed_and_all_of_it_goes() {
    let server = DockerRegistry::start();
    let ministack = MiniStack::start();
    let judge = Judge::over_with_images(&ministack.endpoint(), &server.url);
    let cloud = connect(judge.endpoint(ministack.endpoint())).await;
    let account = cloud.account().await.expect("somebody");
    let mut spec = function("pf-quick-greyscale", &ministack.role("runner"));
    spec.code = of_image(&cloud, &account, &image("arm64", &[b"one"])).await;
    let made = cloud.deploy_function(&spec).await.expect("deployed");
    assert_eq!(made.changes, [Change::Created]);
    let again = cloud.deploy_function(&spec).await.expect("deployed");
    assert_eq!(again.changes, []);
    spec.code = of_image(&cloud, &account, &image("arm64", &[b"other"])).await;
    let changed = cloud.deploy_function(&spec).await.expect("deployed");
    assert_eq!(changed.changes, [Change::Code]);
    assert_eq!(changed.code_sha256, spec.code.sha256());

    let removal = cloud.destroy(&owned("pf-quick-"), &Sort::ALL).await.expect("destroyed");
    assert!(removal.is_complete(), "{:?}", removal.remained);
    let all = [
        Resource::Function("pf-quick-greyscale".to_owned()),
        Resource::Repository("pf-quick-images".to_owned()),
    ];
    assert!(removal.removed.starts_with(&all), "{:?}", removal.removed);
    let again = cloud.destroy(&owned("pf-quick-"), &Sort::ALL).await.expect("destroyed");
    assert!(again.is_complete() && again.removed.is_empty(), "{again:?}");
}

#[tokio::test]
async fn a_repository_is_taken_again_by_its_study_and_by_nobody_else() {
    let server = DockerRegistry::start();
    let moto = Moto::start();
    let judge = Judge::over_with_images(&moto.endpoint(), &server.url);
    let cloud = connect(judge.endpoint(moto.endpoint())).await;
    let account = cloud.account().await.expect("somebody");
    let mut spec = repository("pf-quick-images");
    let first = cloud.ensure_repository(&account, &spec).await.expect("made");
    spec.tags.insert("photofinish:expires".to_owned(), "2026-11-20T00:00:00Z".to_owned());
    let again = cloud.ensure_repository(&account, &spec).await.expect("taken");
    assert_eq!(first.uri, again.uri);
    assert!(first.uri.ends_with(".dkr.ecr.us-east-1.amazonaws.com/pf-quick-images"), "{first:?}");

    let mut others = repository("pf-quick-images");
    others.tags.insert("photofinish".to_owned(), "other".to_owned());
    let error = cloud.ensure_repository(&account, &others).await.expect_err("it is not ours");
    assert!(error.to_string().contains("somebody else made"), "{error}");
    cloud.ensure_repository(&account, &repository("pf-new-images")).await.expect("made");

    let swept = cloud.survey_expired("pf-", "2026-11-25T00:00:00Z", &ON_MOTO).await;
    let found: Vec<_> = swept.found().map(|(resource, _)| resource.clone()).collect();
    assert_eq!(found, [Resource::Repository("pf-quick-images".to_owned())]);
    assert!(cloud.remove(swept).await.is_complete());
}

#[tokio::test]
async fn a_registry_without_tls_elsewhere_is_not_told_a_password() {
    let answer = json!({"authorizationData": [{
        "authorizationToken": "QVdTOnNlY3JldA==",
        "proxyEndpoint": "http://registry.example",
    }]});
    let found = json!({"repository": {
        "repositoryArn": "arn:aws:ecr:us-east-1:123456789012:repository/pf-quick-images",
        "repositoryUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/pf-quick-images",
    }});
    let script = Script::play([
        Act::answer(200, found.to_string()),
        Act::answer(200, "{}"),
        Act::answer(200, answer.to_string()),
    ]);
    let cloud = connect(script.endpoint()).await;
    let error = cloud.ensure_repository(&account(), &repository("pf-quick-images")).await;
    let error = error.expect_err("it is plain http").to_string();
    assert!(error.contains("neither https nor on this machine"), "{error}");
    assert!(!error.contains("secret") && !error.contains("QVdT"), "{error}");
}
