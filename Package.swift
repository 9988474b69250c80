// swift-tools-version: 6.2
import PackageDescription

/// Where `make setup` puts everything that is not a Debian package.
let deps = Context.packageDirectory + "/.deps"

let swift: [SwiftSetting] = [.treatAllWarnings(as: .error)]

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

let package = Package(
  name: "rollcall",
  products: [
    .executable(name: "rollcall", targets: ["rollcall"]),
    .executable(name: "rollcall-video", targets: ["rollcall-video"]),
    .library(name: "Recognize", targets: ["Recognize"]),
    .library(name: "Mask", targets: ["Mask"]),
    .library(name: "Enroll", targets: ["Enroll"]),
    .library(name: "Attendance", targets: ["Attendance"]),
    .library(name: "Video", targets: ["Video"]),
    .library(name: "Live", targets: ["Live"]),
    .library(name: "Dataset", targets: ["Dataset"]),
    .library(name: "HTTP", targets: ["HTTP"]),
    .library(name: "Access", targets: ["Access"]),
  ],
  targets: [
    .target(
      name: "CVision", cxxSettings: cxx + pango,
      linkerSettings: dlib + [
        .linkedLibrary("opencv_core"), .linkedLibrary("opencv_imgproc"), .linkedLibrary("opencv_imgcodecs"),
        .linkedLibrary("exif"), .linkedLibrary("cairo"), .linkedLibrary("pango-1.0"), .linkedLibrary("pangocairo-1.0"),
        .linkedLibrary("gobject-2.0"),
      ]),
    .target(name: "CDlibReference", cxxSettings: cxx, linkerSettings: dlib),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(name: "CMongo", pkgConfig: "libmongoc-1.0", providers: [.apt(["libmongoc-dev"])]),
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CXlsxWriter", pkgConfig: "xlsxwriter", providers: [.apt(["libxlsxwriter-dev"])]),
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

    .systemLibrary(name: "CPosix"),
    .target(name: "Posix", dependencies: ["CPosix"], swiftSettings: swift),
    .target(name: "Formats", dependencies: ["CCrypto", "CXlsxWriter"], swiftSettings: swift),
    .target(name: "HTTP", dependencies: ["CMicrohttpd", "CCrypto", "Formats", "Posix"], swiftSettings: swift),
    .target(name: "Terminal", dependencies: ["Posix"], swiftSettings: swift),
    .target(name: "Evaluation", dependencies: ["Formats"], swiftSettings: swift),
    .target(name: "Report", dependencies: ["Evaluation", "Formats"], swiftSettings: swift),
    .target(
      name: "Vision", dependencies: ["CVision", "COpenVINO"],
      swiftSettings: swift + [.unsafeFlags(["-Xcc", "-isystem", "-Xcc", "\(deps)/openvino/include"])]),
    .executableTarget(
      name: "rollcall-video", cxxSettings: cxx,
      linkerSettings: [
        .linkedLibrary("opencv_core"), .linkedLibrary("opencv_imgproc"), .linkedLibrary("opencv_videoio"),
      ]),
    .systemLibrary(name: "CVideo"),
    .target(name: "Video", dependencies: ["CVideo", "Vision", "Posix"], swiftSettings: swift),
    .target(name: "DlibReference", dependencies: ["CDlibReference"], swiftSettings: swift),
    .target(name: "Recognize", dependencies: ["Vision", "CVision"], swiftSettings: swift),
    .target(name: "Mask", dependencies: ["Recognize", "Vision", "CVision"], swiftSettings: swift),
    .target(name: "Scenes", dependencies: ["Recognize", "Mask", "Vision", "CVision"], swiftSettings: swift),
    .target(name: "Store", dependencies: ["CMongo", "Posix"], swiftSettings: swift),
    .target(name: "Access", dependencies: ["CSodium", "Posix", "Store"], swiftSettings: swift),
    .target(name: "Attendance", dependencies: ["Store", "Formats", "Posix"], swiftSettings: swift),
    .target(
      name: "Live",
      dependencies: ["Attendance", "Enroll", "Formats", "Mask", "Posix", "Recognize", "Store", "Video", "Vision"],
      swiftSettings: swift),
    .target(
      name: "Enroll", dependencies: ["Recognize", "Mask", "Store", "Formats", "Posix", "Vision"], swiftSettings: swift),
    .target(
      name: "Dataset", dependencies: ["Enroll", "Formats", "Mask", "Recognize", "Store", "Vision"], swiftSettings: swift
    ),
    .target(
      name: "Console",
      dependencies: [
        "Access", "Attendance", "Enroll", "Formats", "HTTP", "Live", "Mask", "Posix", "Recognize", "Store", "Video",
        "Vision",
      ],
      resources: [.copy("web")], swiftSettings: swift),
    .executableTarget(
      name: "rollcall",
      dependencies: [
        "Console", "HTTP", "DlibReference", "Vision", "Recognize", "Mask", "Store", "Enroll", "Attendance", "Dataset",
        "Evaluation",
        "Report", "Formats", "Posix", "Terminal", "Live", "Video",
      ],
      swiftSettings: swift),

    .executableTarget(
      name: "demo-pictures", dependencies: ["Recognize", "Mask", "Scenes", "Video"], swiftSettings: swift),
    .executableTarget(
      name: "training-faces", dependencies: ["Recognize", "Mask", "Enroll", "Formats", "Terminal"], swiftSettings: swift
    ),
    .executableTarget(
      name: "fit-impostors", dependencies: ["Recognize", "Mask", "Enroll", "Terminal"], swiftSettings: swift),

    .target(
      name: "TestResources", dependencies: ["Recognize", "Mask", "Posix"], path: "Tests/TestResources",
      swiftSettings: swift),
    .testTarget(name: "FormatsTests", dependencies: ["Formats", "TestResources"], swiftSettings: swift),
    .executableTarget(
      name: "http-server", dependencies: ["HTTP"], path: "Tests/http-server", swiftSettings: swift),
    .target(
      name: "WebClient", dependencies: ["HTTP", "Formats", "Posix"], path: "Tests/WebClient", swiftSettings: swift),
    .testTarget(
      name: "HTTPTests", dependencies: ["HTTP", "Formats", "Posix", "TestResources", "WebClient", "http-server"],
      swiftSettings: swift),
    .testTarget(name: "TerminalTests", dependencies: ["Posix", "Terminal"], swiftSettings: swift),
    .testTarget(name: "EvaluationTests", dependencies: ["Evaluation", "TestResources"], swiftSettings: swift),
    .testTarget(name: "ReportTests", dependencies: ["Report", "Evaluation", "TestResources"], swiftSettings: swift),
    .testTarget(name: "VisionTests", dependencies: ["Vision", "TestResources"], swiftSettings: swift),
    .executableTarget(
      name: "camera-watcher", dependencies: ["Video", "Posix"], path: "Tests/camera-watcher", swiftSettings: swift),
    .testTarget(
      name: "VideoTests",
      dependencies: ["Video", "Posix", "Vision", "TestResources", "rollcall-video", "camera-watcher"],
      exclude: ["mjpeg-server.py", "rtsp-server.py"], swiftSettings: swift),
    .testTarget(
      name: "RecognizeTests", dependencies: ["Recognize", "DlibReference", "TestResources"], swiftSettings: swift),
    .testTarget(name: "MaskTests", dependencies: ["Mask", "Recognize", "TestResources"], swiftSettings: swift),
    .testTarget(
      name: "ScenesTests", dependencies: ["Scenes", "Recognize", "Mask", "Vision", "TestResources"],
      swiftSettings: swift),
    .testTarget(name: "StoreTests", dependencies: ["Store", "Posix", "TestResources"], swiftSettings: swift),
    .testTarget(
      name: "AccessTests", dependencies: ["Access", "Posix", "Store", "TestResources"], swiftSettings: swift),
    .executableTarget(
      name: "spool-writer", dependencies: ["Attendance", "Store"], path: "Tests/spool-writer", swiftSettings: swift),
    .testTarget(
      name: "AttendanceTests",
      dependencies: ["Attendance", "Formats", "Posix", "Store", "TestResources", "spool-writer"],
      swiftSettings: swift),
    .testTarget(
      name: "EnrollTests", dependencies: ["Enroll", "Recognize", "Mask", "Store", "TestResources"], swiftSettings: swift
    ),
    .testTarget(
      name: "LiveTests",
      dependencies: [
        "Live", "Attendance", "Enroll", "Formats", "Mask", "Recognize", "Scenes", "Store", "Vision", "TestResources",
      ],
      swiftSettings: swift),
    .testTarget(
      name: "ConsoleTests",
      dependencies: [
        "Console", "Access", "Attendance", "Enroll", "Formats", "HTTP", "Live", "Posix", "Recognize", "Store",
        "TestResources", "Vision", "WebClient", "rollcall",
      ],
      exclude: ["browser", "requirements.txt"], swiftSettings: swift),
    .testTarget(
      name: "DatasetTests", dependencies: ["Dataset", "Mask", "Recognize", "Store", "Vision", "TestResources"],
      swiftSettings: swift),
    .testTarget(
      name: "rollcallTests",
      dependencies: [
        "rollcall", "Attendance", "Formats", "Mask", "Recognize", "Scenes", "Store", "Video", "Vision", "TestResources",
        "rollcall-video",
      ],
      swiftSettings: swift),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
