package dev.cresset.pt2;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What {@link FuzzProgram} starts from, and what it once fell over. */
final class FuzzSeeds {
    private FuzzSeeds() {}

    /** Writes the seeds of a target into a folder, a file each: for {@code fuzz.sh}. */
    public static void main(String[] args) throws IOException {
        Path folder = Files.createDirectories(Path.of(args[1]));
        List<byte[]> seeds = programs();
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(folder.resolve("seed" + i), seeds.get(i));
        }
    }

    static List<byte[]> programs() throws IOException {
        List<byte[]> seeds = new ArrayList<>();
        seeds.add(with(FuzzProgram.FILE, Files.readAllBytes(Pt2File.fixture("compiled.pt2"))));
        seeds.add(with(FuzzProgram.FILE, Files.readAllBytes(Pt2File.fixture("subclass.pt2"))));
        for (String name : List.of("torch-2.13", "torch-2.9", "control", "structures", "arguments")) {
            seeds.add(
                    with(FuzzProgram.PROGRAM, small(Pt2File.like(name + ".pt2").text("models/model.json"))));
        }
        for (String name : List.of("torch-2.13", "state", "subclass")) {
            seeds.add(with(
                    FuzzProgram.WEIGHTS, Pt2File.like(name + ".pt2").bytes("data/weights/model_weights_config.json")));
        }
        return seeds;
    }

    /** Leaves out what people read. */
    private static byte[] small(String json) {
        return json.replaceAll("\"metadata\": \\{[^{}]*\\}", "\"metadata\": {}").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] with(byte first, byte[] rest) {
        byte[] whole = new byte[rest.length + 1];
        whole[0] = first;
        System.arraycopy(rest, 0, whole, 1, rest.length);
        return whole;
    }
}
