// swift-tools-version: 6.2
import PackageDescription

/// Where `make setup` puts everything that is not a Debian package.
let deps = Context.packageDirectory + "/.deps"

/// Warnings are errors; an import is internal unless it says `public`, and names come only from modules that a file imports.
let swift: [SwiftSetting] = [
  .treatAllWarnings(as: .error), .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The C++ targets are optimised in debug builds too: unoptimised dlib is about eighty times slower.
/// OpenCV's headers are system headers here because its pkg-config file links every OpenCV library there is.
let cxx: [CXXSetting] = [
  .unsafeFlags(["-isystem", "/usr/include/opencv4", "-Wall", "-Wextra", "-Wno-unused-parameter"]),
  .unsafeFlags(["-O2"], .when(configuration: .debug)),
]

/// Pango draws the labels, in any script. Its pkg-config file carries a flag that the package manager refuses.
#if arch(arm64)
  let multiarch = "aarch64-linux-gnu"
#else
  let multiarch = "x86_64-linux-gnu"
#endif
let pango: [CXXSetting] = [
  .unsafeFlags(
    [
      "pango-1.0", "glib-2.0", "cairo", "harfbuzz", "../lib/\(multiarch)/glib-2.0/include",
    ].flatMap { ["-isystem", "/usr/include/\($0)"] })
]

let dlib: [LinkerSetting] = [.linkedLibrary("dlib"), .linkedLibrary("blas"), .linkedLibrary("lapack")]

/// A module in Swift.
func module(_ name: String, _ needs: [Target.Dependency] = [], path: String? = nil, resources: [Resource]? = nil)
  -> Target
{
  .target(name: name, dependencies: needs, path: path, resources: resources, swiftSettings: swift)
}

/// A program in Swift.
func program(_ name: String, _ needs: [Target.Dependency], path: String? = nil) -> Target {
  .executableTarget(name: name, dependencies: needs, path: path, swiftSettings: swift)
}

/// The tests of a module, in `Tests/<module>Tests`. Most use the shared pictures and servers.
func tests(of name: String, _ needs: [Target.Dependency] = [], resources: Bool = true, exclude: [String] = []) -> Target
{
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name)] + (resources ? ["TestResources"] : []) + needs,
    exclude: exclude, swiftSettings: swift)
}

let package = Package(
  name: "rollcall",
  products: [
    .executable(name: "rollcall", targets: ["rollcall"]),
    .executable(name: "rollcall-video", targets: ["rollcall-video"]),
  ]
    + [
      "Values", "Recognize", "Mask", "Faces", "Enroll", "Attendance", "Video", "Live", "Dataset", "HTTP", "Access",
    ].map { .library(name: $0, targets: [$0]) },
  targets: [
    // C and C++.
    .target(
      name: "CVision", cxxSettings: cxx + pango,
      linkerSettings: dlib + [
        .linkedLibrary("opencv_core"), .linkedLibrary("opencv_imgproc"), .linkedLibrary("opencv_imgcodecs"),
        .linkedLibrary("exif"), .linkedLibrary("cairo"), .linkedLibrary("pango-1.0"), .linkedLibrary("pangocairo-1.0"),
        .linkedLibrary("gobject-2.0"),
      ]),
    .target(name: "CScenes", dependencies: ["CVision"], cxxSettings: cxx),
    .target(name: "CDlibReference", cxxSettings: cxx, linkerSettings: dlib),
    .target(
      name: "COpenVINO",
      cSettings: [.unsafeFlags(["-isystem", "\(deps)/openvino/include"])],
      linkerSettings: [
        // OpenCV brings in Debian's older oneTBB. The old kind of run path is also searched for libraries' own needs, so that there is
        // one TBB in the process: OpenVINO's.
        .unsafeFlags([
          "-L\(deps)/openvino/lib", "-Xlinker", "--disable-new-dtags", "-Xlinker", "-rpath=\(deps)/openvino/lib",
        ]),
        .linkedLibrary("openvino_c"),
      ]),
    .executableTarget(
      name: "rollcall-video", cxxSettings: cxx,
      linkerSettings: [
        .linkedLibrary("opencv_core"), .linkedLibrary("opencv_imgproc"), .linkedLibrary("opencv_videoio"),
      ]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(name: "CMongo", pkgConfig: "libmongoc-1.0", providers: [.apt(["libmongoc-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CXlsxWriter", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
    .systemLibrary(name: "CPosix"),
    .systemLibrary(name: "CVideo"),

    // What everything stands on.
    module("Values"),
    module("Posix", ["CPosix"]),
    module("Formats", ["CCrypto", "CXlsxWriter"]),
    module("Terminal", ["Posix"]),
    module("Evaluation", ["Formats", "Values"]),
    module("Report", ["Evaluation", "Formats"]),
    module("HTTP", ["CMicrohttpd", "CCrypto", "Formats", "Posix", "Values"]),

    // From a picture to a person.
    .target(
      name: "Vision", dependencies: ["CVision", "COpenVINO", "Values"],
      swiftSettings: swift + [.unsafeFlags(["-Xcc", "-isystem", "-Xcc", "\(deps)/openvino/include"])]),
    module("Video", ["CVideo", "Posix", "Vision"]),
    module("Recognize", ["CVision", "Values", "Vision"]),
    module("Mask", ["CVision", "Recognize", "Values", "Vision"]),
    module("Faces", ["Mask", "Posix", "Recognize", "Values", "Vision"]),

    // What is kept, and for how long.
    module("Store", ["CMongo", "Posix", "Values"]),
    module("Access", ["CSodium", "Posix", "Store"]),
    module("Attendance", ["Formats", "Posix", "Store", "Values"]),
    module("Enroll", ["Faces", "Formats", "Mask", "Posix", "Recognize", "Store", "Values", "Vision"]),
    module("Dataset", ["Formats", "Mask", "Recognize", "Store", "Values", "Vision"]),
    module(
      "Live", ["Attendance", "Faces", "Formats", "Mask", "Posix", "Recognize", "Store", "Values", "Video", "Vision"]),

    // What people and programs see.
    module("Wire", ["Attendance", "Formats", "Store", "Values"]),
    module(
      "Console",
      [
        "Access", "Attendance", "Enroll", "Faces", "Formats", "HTTP", "Live", "Posix", "Recognize", "Store", "Values",
        "Video", "Vision", "Wire",
      ], resources: [.copy("web")]),
    program(
      "rollcall",
      [
        "Attendance", "Console", "Dataset", "DlibReference", "Enroll", "Evaluation", "Faces", "Formats", "HTTP", "Live",
        "Mask", "Posix", "Recognize", "Report", "Store", "Terminal", "Values", "Video", "Vision", "Wire",
      ]),

    // For tests, demonstration and training.
    module("DlibReference", ["CDlibReference", "Values"]),
    module("Scenes", ["CScenes", "Mask", "Recognize", "Values", "Vision"]),
    program("demo-pictures", ["Mask", "Recognize", "Scenes", "Values", "Video", "Vision"]),
    program("training-faces", ["Formats", "Mask", "Recognize", "Terminal", "Values", "Vision"]),
    program("fit-impostors", ["Enroll", "Faces", "Mask", "Recognize", "Terminal", "Values", "Vision"]),

    module("TestResources", ["Faces", "Mask", "Posix", "Recognize", "Values", "Vision"], path: "Tests/TestResources"),
    module("WebClient", ["HTTP", "Posix"], path: "Tests/WebClient"),
    program("http-server", ["HTTP"], path: "Tests/http-server"),
    program("camera-watcher", ["Posix", "Video", "Vision"], path: "Tests/camera-watcher"),
    program("spool-writer", ["Attendance", "Store", "Values"], path: "Tests/spool-writer"),

    tests(of: "Values", resources: false),
    tests(of: "Formats"),
    tests(of: "HTTP", ["Formats", "Posix", "Values", "WebClient", "http-server"]),
    tests(of: "Terminal", ["Posix"], resources: false),
    tests(of: "Evaluation", ["Formats", "Values"]),
    tests(of: "Report", ["Evaluation", "Formats"]),
    tests(of: "Vision", ["Values"]),
    tests(
      of: "Video", ["Posix", "Vision", "rollcall-video", "camera-watcher"],
      exclude: ["mjpeg-server.py", "rtsp-server.py"]),
    tests(of: "Recognize", ["DlibReference", "Faces", "Values", "Vision"]),
    tests(of: "Mask", ["Recognize", "Values", "Vision"]),
    tests(of: "Faces", ["Mask", "Recognize", "Values", "Vision"]),
    tests(of: "Scenes", ["Mask", "Recognize", "Values", "Vision"]),
    tests(of: "Store", ["Posix", "Values"]),
    tests(of: "Access", ["Posix", "Store"]),
    tests(of: "Attendance", ["Formats", "Posix", "Store", "Values", "spool-writer"]),
    tests(of: "Enroll", ["Faces", "Mask", "Recognize", "Store", "Values", "Vision"]),
    tests(of: "Live", ["Attendance", "Faces", "Mask", "Posix", "Recognize", "Scenes", "Store", "Values", "Vision"]),
    tests(of: "Wire", ["Formats", "Store", "Values"], resources: false),
    tests(
      of: "Console",
      [
        "Access", "Attendance", "Enroll", "Faces", "Formats", "HTTP", "Live", "Posix", "Recognize", "Store", "Values",
        "Vision", "WebClient", "Wire", "rollcall",
      ], exclude: ["browser", "requirements.txt"]),
    tests(of: "Dataset", ["Mask", "Recognize", "Store", "Values", "Vision"]),
    tests(
      of: "rollcall",
      [
        "Attendance", "Formats", "Mask", "Recognize", "Scenes", "Store", "Values", "Video", "Vision", "rollcall-video",
      ]),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
