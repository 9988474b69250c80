import Foundation

/// Writes PNG files that an encoder would not: any header, any depth.
enum PNG {
  /// - Parameter rows: The bytes of each row; colour type RGB.
  static func file(width: UInt32, height: UInt32, depth: UInt8, rows: [[UInt8]]) -> Data {
    var header = Data()
    header.append(big: width)
    header.append(big: height)
    header += [depth, 2, 0, 0, 0]
    let raw = rows.flatMap { row -> [UInt8] in [0] + row }
    var file = Data([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    file += chunk("IHDR", header)
    file += chunk("IDAT", stored(raw))
    file += chunk("IEND", Data())
    return file
  }

  /// A zlib stream without compression.
  private static func stored(_ raw: [UInt8]) -> Data {
    var stream = Data([0x78, 0x01, 1])
    let length = UInt16(raw.count)
    stream += [UInt8(length & 0xFF), UInt8(length >> 8), UInt8(~length & 0xFF), UInt8(~length >> 8)]
    stream += raw
    var a: UInt32 = 1
    var b: UInt32 = 0
    for byte in raw {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    stream.append(big: b << 16 | a)
    return stream
  }

  private static func chunk(_ name: String, _ body: Data) -> Data {
    var chunk = Data()
    chunk.append(big: UInt32(body.count))
    let checked = Data(name.utf8) + body
    chunk += checked
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in checked {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
    }
    chunk.append(big: ~crc)
    return chunk
  }
}

/// Puts an EXIF segment into a JPEG.
enum Exif {
  static func tagged(_ jpeg: Data, orientation: UInt8) -> Data {
    insert(jpeg, directory([entry(0x0112, kind: 3, count: 1, value: [0, orientation, 0, 0])]))
  }

  static func tagged(_ jpeg: Data, time: String, offset: String?) -> Data {
    // The main directory (one entry) points to the EXIF directory at 26, whose texts follow it.
    let texts = [(UInt16(0x9003), time)] + (offset.map { [(UInt16(0x9011), $0)] } ?? [])
    var place = 26 + 2 + 12 * texts.count + 4
    var entries: [Data] = []
    var tail = Data()
    for (tag, text) in texts {
      let bytes = Data(text.utf8) + [0]
      var value = Data()
      value.append(big: UInt32(place))
      entries.append(entry(tag, kind: 2, count: UInt32(bytes.count), value: Array(value)))
      tail += bytes
      place += bytes.count
    }
    return insert(
      jpeg, directory([entry(0x8769, kind: 4, count: 1, value: [0, 0, 0, 26])]) + directory(entries) + tail)
  }

  private static func insert(_ jpeg: Data, _ directories: Data) -> Data {
    var tiff = Data("MM".utf8) + [0, 0x2A, 0, 0, 0, 8]
    tiff += directories
    let body = Data("Exif".utf8) + [0, 0] + tiff
    let length = UInt16(body.count + 2)
    return jpeg.prefix(2) + [0xFF, 0xE1, UInt8(length >> 8), UInt8(length & 0xFF)] + body + jpeg.dropFirst(2)
  }

  private static func directory(_ entries: [Data]) -> Data {
    Data([0, UInt8(entries.count)]) + entries.reduce(Data(), +) + [0, 0, 0, 0]
  }

  private static func entry(_ tag: UInt16, kind: UInt8, count: UInt32, value: [UInt8]) -> Data {
    var data = Data([UInt8(tag >> 8), UInt8(tag & 0xFF), 0, kind])
    data.append(big: count)
    return data + value
  }
}

extension Data {
  mutating func append(big value: UInt32) {
    append(contentsOf: [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) })
  }
}
