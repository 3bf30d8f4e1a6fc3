package dev.cresset.handler;

import dev.cresset.ModelLoadException;
import dev.cresset.mar.ModelArchive;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@link ImageOptions} from an archive's {@code model-config.yaml}. {@code top_k} may be written {@code topk}, {@code
 * top-k} or {@code topK}; keys that are no option of any handler are left to whom they are for, as in TorchServe.
 */
final class ImageSettings {

    private final ResolvedImageOptions options;
    private final String where;

    private ImageSettings(ResolvedImageOptions options, String where) {
        this.options = options;
        this.where = where;
    }

    /**
     * Changes options as the archive says, and then as code does.
     *
     * @throws ModelLoadException if the archive has a setting wrong
     */
    static ResolvedImageOptions apply(ResolvedImageOptions options, ModelArchive archive, ImageOptions code) {
        String file = archive.manifest().model().configFile().orElse("model-config.yaml");
        new ImageSettings(options, archive.name() + ": " + file + ": ")
                .read(archive.config().settings().get("handler"));
        code.applyTo(options);
        return options;
    }

    private void read(@Nullable Object section) {
        if (section == null) {
            return;
        }
        if (!(section instanceof Map<?, ?> settings)) {
            throw new ModelLoadException(where + "handler is " + section + ", expected options and their values");
        }
        Map<ImageOption, Object> found = new EnumMap<>(ImageOption.class);
        settings.forEach((name, value) -> {
            for (ImageOption key : ImageOption.values()) {
                if (plain(key).equals(plain(name))) {
                    Object other = found.put(key, name);
                    if (other != null) {
                        throw new ModelLoadException(
                                where + "handler has " + other + " and " + name + ", expected one of them");
                    }
                    set(key, value);
                }
            }
        });
    }

    private static String plain(Object name) {
        return name.toString().replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }

    private void set(ImageOption key, @Nullable Object value) {
        try {
            switch (key) {
                case TOP_K -> options.topK(whole(key, value));
                case THRESHOLD -> options.threshold(number(key, value));
                case RESIZE -> options.resize(whole(key, value));
                case CROP -> options.crop(whole(key, value));
                case MEAN -> {
                    float[] mean = colours(key, value);
                    options.mean(mean[0], mean[1], mean[2]);
                }
                case STD -> {
                    float[] std = colours(key, value);
                    options.std(std[0], std[1], std[2]);
                }
                case INTERPOLATION -> options.interpolation(filter(key, value));
                case LABELS -> options.labels(text(key, value));
                case MAX_PIXELS -> options.maxPixels(longWhole(key, value));
            }
        } catch (IllegalArgumentException e) {
            throw new ModelLoadException(where + "handler." + e.getMessage(), e);
        }
    }

    private static int whole(ImageOption key, @Nullable Object value) {
        if (value instanceof Integer number) {
            return number;
        }
        throw key.wrong(value);
    }

    private static long longWhole(ImageOption key, @Nullable Object value) {
        return value instanceof Long number ? number : whole(key, value);
    }

    private static float number(ImageOption key, @Nullable Object value) {
        if (value instanceof Number number) {
            return number.floatValue();
        }
        throw key.wrong(value);
    }

    private static float[] colours(ImageOption key, @Nullable Object value) {
        if (!(value instanceof List<?> list) || list.size() != 3) {
            throw key.wrong(value);
        }
        float[] colours = new float[3];
        for (int c = 0; c < 3; c++) {
            if (!(list.get(c) instanceof Number number)) {
                throw key.wrong(value);
            }
            colours[c] = number.floatValue();
        }
        return colours;
    }

    private static Interpolation filter(ImageOption key, @Nullable Object value) {
        for (Interpolation one : Interpolation.values()) {
            if (one.name().toLowerCase(Locale.ROOT).equals(value)) {
                return one;
            }
        }
        throw key.wrong(value);
    }

    private static String text(ImageOption key, @Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw key.wrong(value);
    }
}
