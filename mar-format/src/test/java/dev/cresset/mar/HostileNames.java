package dev.cresset.mar;

import java.util.List;
import java.util.stream.Stream;

/** Names that would be another file, a device, or no file, on some system; and pairs that would be one file. */
final class HostileNames {
    private HostileNames() {}

    /** Refused as the name of an entry, in whatever format can spell it. */
    static final List<String> NAMES = Stream.of(
                    // Absolute, where slashes are one separator, and where both are.
                    List.of(
                            "/etc/passwd",
                            "//host/share/x",
                            "///x",
                            "\\etc\\passwd",
                            "\\\\host\\share\\x",
                            "\\\\?\\C:\\x"),
                    // Out of the folder, in every position.
                    List.of("..", "../", "../x", "../../x", "a/..", "a/../", "a/../x", "a/../../x", "a/b/../../../x"),
                    List.of("..\\x", "a\\..\\..\\x", "a/..\\..\\x", "..\\", "../..\\x"),
                    List.of(".", "./x/.", "a/.", "a/./x", "a//x", "a//", "a/ /x"),
                    // Drives and streams.
                    List.of("C:x", "C:\\x", "C:/x", "c:", "a/C:x", "a:b", "a::$DATA", "x.pt:Zone.Identifier", ":x"),
                    List.of("a\\b", "\\", "a\\"),
                    List.of(
                            "a\0b",
                            "a\0",
                            "\0",
                            "a\0/../x",
                            "a\nb",
                            "a\rb",
                            "a\tb",
                            "\u001b[2Ka",
                            "a\u007f",
                            "a\u0085"),
                    // Devices of Windows, with whatever comes after a dot.
                    List.of(
                            "con",
                            "CON",
                            "aux.py",
                            "Aux.tar.gz",
                            "prn",
                            "nul",
                            "nul .txt",
                            "NUL .tar",
                            "a/nul",
                            "nul/a"),
                    List.of(
                            "COM1.txt",
                            "com0",
                            "com9",
                            "LPT\u00b9",
                            "lpt\u00b2.x",
                            "com\u00b3",
                            "conin$",
                            "CONOUT$",
                            "con/"),
                    // What Windows cuts off.
                    List.of("a.", "a ", "a./b", "a /b", "...", " ", ". .", "a. ", "a . .", "a/b.", "a/b /"))
            .flatMap(List::stream)
            .toList();

    /** Each first name and each second are one file somewhere: where case does not count, where accents have one spelling. */
    static final List<List<String>> CLASHES = List.of(
            List.of("model.pt", "model.pt"),
            List.of("model.pt", "Model.PT"),
            List.of("code/net.py", "CODE/NET.PY"),
            List.of("caf\u00e9", "cafe\u0301"),
            List.of("caf\u00e9", "CAFE\u0301"),
            List.of("\u1e69", "s\u0307\u0323"),
            List.of("\uac00", "\u1100\u1161"),
            List.of("\u212b", "\u00e5"),
            List.of("stra\u00dfe", "STRASSE"),
            List.of("\u212a", "k"),
            List.of("\u017f", "S"),
            List.of("\u03c3", "\u03c2"),
            // A letter with an accent that as a capital is two.
            List.of("\u01f0\u0323", "J\u0323\u030c"),
            List.of("\u0390\u0323", "\u0399\u0323\u0308\u0301"),
            List.of("\ud801\udc28", "\ud801\udc00"));

    /** The first is a file, and the second needs it to be a folder. */
    static final List<List<String>> FILES_AS_FOLDERS = List.of(
            List.of("a", "a/b"), List.of("a/b", "a/b/c/d"), List.of("A", "a/b"), List.of("cafe\u0301", "caf\u00e9/x"));
}
