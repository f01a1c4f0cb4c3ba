namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>What a judge thinks of pictures of which each was to show a class.</summary>
/// <param name="Agreement">The part that shows it.</param>
/// <param name="Diversity">The mean squared distance of pictures of the same class in the judge's features, in units of that of real pictures.</param>
internal sealed record Verdict(double Agreement, double Diversity)
{
    /// <summary>Judges pictures.</summary>
    /// <param name="judge">The judge.</param>
    /// <param name="pictures">The pictures, labelled with what they were to show.</param>
    /// <param name="realSpread">The distance of real pictures; 1 to get this one's distance itself.</param>
    public static Verdict Of(Judge judge, PictureSet pictures, double realSpread = 1)
    {
        var (classes, features) = judge.Look(pictures);
        double agreement = classes.Zip(pictures.Labels).Average(pair => pair.First == pair.Second ? 1.0 : 0.0);
        double spread = pictures.Labels.Distinct().Average(wanted => Spread([.. features.Where((_, i) => pictures.Labels[i] == wanted)]));
        return new Verdict(agreement, spread / realSpread);
    }

    // The mean squared distance of two different rows is twice the variance with Bessel's correction.
    private static double Spread(float[][] rows)
    {
        double sum = 0;
        for (int place = 0; place < rows[0].Length; place++)
        {
            double mean = rows.Average(row => row[place]);
            sum += rows.Sum(row => (row[place] - mean) * (row[place] - mean));
        }
        return 2 * sum / (rows.Length - 1);
    }
}
