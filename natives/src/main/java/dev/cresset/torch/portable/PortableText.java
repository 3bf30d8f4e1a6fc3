package dev.cresset.torch.portable;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;

/** Text across JavaCPP, which by itself takes the platform's charset and stops at a zero byte. */
final class PortableText {

    private PortableText() {}

    static BytePointer write(String text) {
        return write(text, StandardCharsets.UTF_8);
    }

    /** What a {@code std::string} is made of. */
    static BytePointer write(String text, Charset charset) {
        byte[] bytes = text.getBytes(charset);
        // A zero follows, for JavaCPP takes an empty pointer's length from it.
        return new BytePointer(bytes.length + 1L)
                .put(bytes)
                .put(bytes.length, (byte) 0)
                .limit(bytes.length);
    }

    /** The text of a {@code std::string}; JavaCPP gives nothing for an empty one. */
    static String read(@Nullable BytePointer text) {
        if (text == null) {
            return "";
        }
        byte[] bytes = new byte[Math.toIntExact(text.limit())];
        text.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
