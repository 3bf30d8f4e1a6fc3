package dev.cresset.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The guide's complete file, compiled as it stands on the page, and run. */
class SparkGuideTest {

    @Test
    void completeFile_scoresATable(@TempDir Path folder) throws Exception {
        String page = Files.readString(Sessions.FIXTURES.resolveSibling("docs").resolve("spark.md"));
        Matcher file =
                Pattern.compile("```java\n(package .*?)```", Pattern.DOTALL).matcher(page);
        assertThat(file.find()).isTrue();
        Path source = Files.writeString(folder.resolve("ScoreTable.java"), file.group(1));
        int failures = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        Sessions.classPath(),
                        "-d",
                        folder.toString(),
                        source.toString());
        assertThat(failures).isZero();
        SparkSession spark = Sessions.local();
        try (URLClassLoader classes = new URLClassLoader(
                new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            String rows = folder.resolve("rows").toString();
            String scored = folder.resolve("scored").toString();
            RiskRows.of(spark, 50, 1).write().parquet(rows);

            classes.loadClass("example.ScoreTable")
                    .getMethod("main", String[].class)
                    .invoke(null, (Object) new String[] {Sessions.RISK, rows, scored});

            assertThat(spark.read().parquet(scored).where("risk is not null").count())
                    .isEqualTo(50);
        } finally {
            spark.stop();
        }
        assertThat(ModelOpening.PREDICTORS.keys())
                .as("open when the session is over")
                .isEmpty();
    }
}
