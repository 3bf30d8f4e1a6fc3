package dev.cresset.text;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Reads what {@code torch.save} makes of a plain dict, OrderedDict or Counter from words to numbers. Nothing that the file names
 * is called: any other class, and any instruction that such a file does not have, is refused.
 */
final class PickledVocabulary {

    private static final String COUNTER = "collections.Counter";
    private static final String ORDERED = "collections.OrderedDict";
    /** More than a vocabulary of ten million words. */
    private static final int MOST_BYTES = 1 << 28;

    private final DataInputStream in;
    private final Deque<Object> stack = new ArrayDeque<>();
    private final Map<Integer, Object> memo = new HashMap<>();
    private boolean counter;

    private PickledVocabulary(byte[] pickle) {
        this.in = new DataInputStream(new ByteArrayInputStream(pickle));
    }

    /** A class that the file names. */
    private record Named(String name) {}

    private enum Sign {
        /** Where the items for a dict begin on the stack. */
        MARK,
        /** The arguments of a call, as far as they count. */
        NO_ARGUMENTS
    }

    /**
     * What a file holds. Of a Counter, a word that it lacks has the number 0: it is in the map under {@code unknown}.
     *
     * @throws IOException if the file holds anything else; the message says what, of "it"
     */
    static Map<String, Long> read(Path file, String unknown) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                if (entry.getName().endsWith("/data.pkl")) {
                    return new PickledVocabulary(bytes(zip, entry)).vocabulary(unknown);
                }
            }
        }
        throw new IOException("it has no data.pkl");
    }

    private static byte[] bytes(ZipFile zip, ZipEntry entry) throws IOException {
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] bytes = in.readNBytes(MOST_BYTES);
            if (in.read() >= 0) {
                throw new IOException("it is larger than " + MOST_BYTES + " bytes");
            }
            return bytes;
        }
    }

    private Map<String, Long> vocabulary(String unknown) throws IOException {
        Object found;
        try {
            found = run();
        } catch (EOFException e) {
            throw new IOException("it ends too early", e);
        }
        if (!(found instanceof Map<?, ?> map)) {
            throw new IOException("it holds no dict");
        }
        Map<String, Long> ids = new HashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!(entry.getKey() instanceof String word) || !(entry.getValue() instanceof Long id)) {
                throw new IOException("it holds a dict of something else than words and numbers");
            }
            ids.put(word, id);
        }
        if (counter) {
            ids.put(unknown, ids.getOrDefault(unknown, 0L));
        }
        return ids;
    }

    /** Python's own letters for the instructions: {@code pickletools}. */
    private Object run() throws IOException {
        while (true) {
            int instruction = in.readUnsignedByte();
            switch (instruction) {
                case 0x80 -> in.readUnsignedByte();
                case 'c' -> stack.push(named(line() + "." + line()));
                case 'q' -> memo.put(in.readUnsignedByte(), top());
                case 'r' -> memo.put(littleInt(), top());
                case 'h' -> stack.push(remembered(in.readUnsignedByte()));
                case 'j' -> stack.push(remembered(littleInt()));
                case '}' -> stack.push(new HashMap<>());
                case '(' -> stack.push(Sign.MARK);
                case 'X' -> stack.push(text());
                case 'J' -> stack.push((long) littleInt());
                case 'K' -> stack.push((long) in.readUnsignedByte());
                case 'M' -> stack.push((long) (in.readUnsignedByte() | (in.readUnsignedByte() << 8)));
                case 's' -> setItems(List.of(pop(), pop()));
                case 'u' -> setItems(poppedToMark());
                case ')' -> stack.push(Sign.NO_ARGUMENTS);
                case 0x85 -> {} // A tuple of one stands for its element: the argument of a call.
                case 'R' -> call();
                case '.' -> {
                    return pop();
                }
                default -> throw new IOException("it is more than a dict of words and numbers");
            }
        }
    }

    private Named named(String name) throws IOException {
        if (name.equals(COUNTER)) {
            counter = true;
        } else if (!name.equals(ORDERED)) {
            throw new IOException("it holds an object of Python's " + name);
        }
        return new Named(name);
    }

    /** Makes a Counter or OrderedDict of nothing or a dict, which is that dict for us. */
    private void call() throws IOException {
        Object argument = pop();
        if (!(pop() instanceof Named)) {
            throw new IOException("it calls what is no class");
        }
        stack.push(argument == Sign.NO_ARGUMENTS ? new HashMap<>() : argument);
    }

    /** Values and keys in turn, the last first. */
    private void setItems(List<Object> items) throws IOException {
        if (!(top() instanceof Map<?, ?>) || (items.size() % 2) != 0) {
            throw new IOException("it fills what is no dict");
        }
        @SuppressWarnings("unchecked") // All maps here are made here.
        Map<Object, Object> map = (Map<Object, Object>) top();
        for (int i = 0; i < items.size(); i += 2) {
            if (!(items.get(i + 1) instanceof String word)) {
                throw new IOException("it holds a dict of something else than words and numbers");
            }
            map.put(word, items.get(i));
        }
    }

    private List<Object> poppedToMark() throws IOException {
        List<Object> items = new ArrayList<>();
        for (Object item = pop(); item != Sign.MARK; item = pop()) {
            items.add(item);
        }
        return items;
    }

    private Object top() throws IOException {
        Object top = stack.peek();
        if (top == null) {
            throw new IOException("it takes what is not there");
        }
        return top;
    }

    private Object pop() throws IOException {
        Object top = top();
        stack.pop();
        return top;
    }

    private Object remembered(int place) throws IOException {
        Object found = memo.get(place);
        if (found == null) {
            throw new IOException("it takes what is not there");
        }
        return found;
    }

    private int littleInt() throws IOException {
        return Integer.reverseBytes(in.readInt());
    }

    private String text() throws IOException {
        int length = littleInt();
        if (length < 0 || length > in.available()) {
            throw new EOFException("a text is longer than the file");
        }
        return new String(in.readNBytes(length), StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.readUnsignedByte(); next != '\n'; next = in.readUnsignedByte()) {
            line.append((char) next);
        }
        return line.toString();
    }
}
