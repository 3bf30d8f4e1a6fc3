package dev.cresset.benchmarks.embeddings;

import com.sun.management.OperatingSystemMXBean;
import dev.cresset.ModelOptions;
import dev.cresset.engine.Precision;
import dev.cresset.langchain4j.CressetEmbeddingModel;
import dev.cresset.text.Pooling;
import dev.cresset.text.SentenceEncoder;
import dev.cresset.text.TextOptions;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * Embeds the same segments by each side in turns, in one process: all in one list, one after the other, in lists of 256, and by 64
 * callers at once. Prints seconds on the clock, and of CPU, which a busy machine changes less. Before that, vectors are compared.
 *
 * <p>With one side alone it prints what the process keeps in memory, too.
 */
public final class EmbeddingSpeed {

    private static final String WORDS =
            "the of and in to light tower harbour ship night sea keeper lamp oil wick lens flame storm"
                    + " rock coast fog horn signal beacon iron basket pitch wood fire guard street castle gate watch century town built"
                    + " burnt carried placed above below between history engineer French Fresnel kilometre visible automatic electric";

    private EmbeddingSpeed() {}

    /** {@code FOLDER SEGMENTS SIDE...}, where a side is langchain4j, pt, pt2, onnx or pt-bfloat16. */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        int segments = Integer.parseInt(args[1]);
        List<String> names = Arrays.asList(args).subList(2, args.length);
        Map<String, EmbeddingModel> sides = new LinkedHashMap<>();
        for (String name : names) {
            sides.put(name, open(name, folder));
        }
        List<TextSegment> texts = texts(segments);
        // What warms them up, too.
        compare(sides, texts.subList(0, Math.min(100, segments)));

        // Each side's part of a round is short beside what else the machine does, so that all sides meet the same.
        int parts = Math.max(1, segments / 500);
        int size = segments / parts;
        List<String> asked =
                List.of(System.getProperty("measures", "all,256,one,callers").split(","));
        if (asked.contains("all")) {
            measure(
                    "all segments in one list",
                    sides,
                    parts,
                    size,
                    (model, part) -> model.embedAll(texts.subList(part * size, (part + 1) * size)));
        }
        int list = Math.min(size, 256);
        if (asked.contains("256")) {
            measure(
                    "lists of 256 segments",
                    sides,
                    parts,
                    list,
                    (model, part) -> model.embedAll(texts.subList(part * size, part * size + list)));
        }
        int few = Math.min(size, 100);
        if (asked.contains("one")) {
            measure(
                    "one caller, one text at a time",
                    sides,
                    parts,
                    few,
                    (model, part) ->
                            texts.subList(part * size, part * size + few).forEach(model::embed));
        }
        if (asked.contains("callers")) {
            ExecutorService callers = Executors.newFixedThreadPool(64);
            measure(
                    "64 callers, one text at a time",
                    sides,
                    parts,
                    size,
                    (model, part) -> callers(callers, model, texts.subList(part * size, (part + 1) * size)));
            callers.shutdown();
        }
        if (sides.size() == 1) {
            System.out.printf(Locale.ROOT, "%-34s %s%n", "resident memory", resident());
        }
        for (EmbeddingModel model : sides.values()) {
            if (model instanceof AutoCloseable closeable) {
                closeable.close();
            }
        }
    }

    private static EmbeddingModel open(String name, Path folder) throws IOException {
        if (name.equals("langchain4j")) {
            return new AllMiniLmL6V2EmbeddingModel();
        }
        // LangChain4j's model cuts at 128 tokens.
        TextOptions options = TextOptions.builder()
                .pooling(Pooling.MEAN)
                .normalize(true)
                .maxLength(128)
                .build();
        boolean rounded = name.endsWith("-bfloat16");
        ModelOptions.Builder model = ModelOptions.builder();
        if (rounded) {
            model.precision(Precision.BFLOAT16);
        }
        SentenceEncoder.Builder builder = SentenceEncoder.builder(
                        folder.resolve("model." + name.replace("-bfloat16", "")))
                .options(options)
                .serving(serving -> serving.modelOptions(model.build()));
        return CressetEmbeddingModel.open(builder);
    }

    /** From a few words to more than the model takes, as segments of documents are: most are of some sentences. */
    private static List<TextSegment> texts(int count) {
        Random random = new Random(7);
        List<String> words = Pattern.compile(" ").splitAsStream(WORDS).toList();
        List<TextSegment> texts = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int length = (int) Math.max(3, Math.min(140, 45 + 30 * random.nextGaussian()));
            StringBuilder text = new StringBuilder();
            for (int word = 0; word < length; word++) {
                text.append(words.get(random.nextInt(words.size()))).append(word % 12 == 11 ? ". " : " ");
            }
            texts.add(TextSegment.from(text.toString().strip()));
        }
        return texts;
    }

    private static void compare(Map<String, EmbeddingModel> sides, List<TextSegment> texts) {
        List<Embedding> first = null;
        for (Map.Entry<String, EmbeddingModel> side : sides.entrySet()) {
            List<Embedding> found = side.getValue().embedAll(texts).content();
            if (first == null) {
                first = found;
                continue;
            }
            double furthest = 0;
            for (int i = 0; i < found.size(); i++) {
                float[] one = found.get(i).vector();
                float[] other = first.get(i).vector();
                for (int j = 0; j < one.length; j++) {
                    furthest = Math.max(furthest, Math.abs(one[j] - other[j]));
                }
            }
            System.out.printf(
                    Locale.ROOT, "%-34s %-12s %.1e%n", "furthest from the first side", side.getKey(), furthest);
        }
    }

    private interface Work {
        void run(EmbeddingModel model, int part) throws Exception;
    }

    private static void measure(String what, Map<String, EmbeddingModel> sides, int parts, int texts, Work work)
            throws Exception {
        Map<String, double[]> seconds = new LinkedHashMap<>();
        for (int part = 0; part < parts; part++) {
            for (Map.Entry<String, EmbeddingModel> side : sides.entrySet()) {
                double[] sum = seconds.computeIfAbsent(side.getKey(), name -> new double[2]);
                long cpu = cpu();
                long start = System.nanoTime();
                work.run(side.getValue(), part);
                sum[0] += (System.nanoTime() - start) / 1e9;
                sum[1] += (cpu() - cpu) / 1e9;
            }
        }
        double[] first = seconds.values().iterator().next();
        seconds.forEach((name, sum) -> System.out.printf(
                Locale.ROOT,
                "%-34s %-12s %8.2f s %8.2f s CPU %8.1f texts/s  %5.2f times the first, %5.2f by CPU%n",
                what,
                name,
                sum[0],
                sum[1],
                (double) parts * texts / sum[0],
                first[0] / sum[0],
                first[1] / sum[1]));
    }

    private static void callers(ExecutorService callers, EmbeddingModel model, List<TextSegment> texts)
            throws Exception {
        AtomicInteger next = new AtomicInteger();
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            running.add(callers.submit(() -> {
                for (int text = next.getAndIncrement(); text < texts.size(); text = next.getAndIncrement()) {
                    model.embed(texts.get(text));
                }
            }));
        }
        for (Future<?> one : running) {
            one.get();
        }
    }

    private static long cpu() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static String resident() throws IOException {
        System.gc();
        StringBuilder found = new StringBuilder();
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS") || line.startsWith("VmHWM")) {
                found.append(line.replaceAll("\\s+", " ")).append("  ");
            }
        }
        return found.toString();
    }
}
