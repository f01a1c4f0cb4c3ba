using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>
/// A classifier of clean pictures that no guidance ever asks, and that nothing of the library trained: two convolutions and two layers of TorchSharp's own modules. It says whether a sample shows
/// what was asked for, and its features how much samples differ.
/// </summary>
internal sealed class Judge : IDisposable
{
    private const int Batch = 128, Features = 128;
    private const double LearningRate = 1e-3;

    private readonly Sequential _features;
    private readonly Linear _classes;

    /// <summary>A judge that knows nothing yet.</summary>
    public Judge()
    {
        // TorchSharp's own modules draw from the process: first weights here, dropout in training.
        manual_seed(1);
        _features = nn.Sequential(
            nn.Conv2d(1, 16, 3, padding: 1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding: 1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Dropout(0.25), nn.Linear(32 * 7 * 7, Features), nn.ReLU());
        _classes = nn.Linear(Features, PictureSet.Classes);
    }

    /// <summary>Trains on clean pictures.</summary>
    /// <param name="data">The pictures.</param>
    /// <param name="epochs">How many passes.</param>
    public void Train(PictureSet data, int epochs)
    {
        FastConvolutions.Ensure();
        _features.train();
        using var optimizer = optim.Adam(_features.parameters().Concat(_classes.parameters()), LearningRate);
        for (int epoch = 0; epoch < epochs; epoch++)
        {
            int[] order = RowNoise.Permutation(1, epoch, data.Count);
            for (int first = 0; first + Batch <= order.Length; first += Batch)
            {
                using var scope = NewDisposeScope();
                var (pictures, labels) = data.Rows(order.AsSpan(first, Batch));
                optimizer.zero_grad();
                F.cross_entropy(_classes.call(_features.call(pictures)), labels).backward();
                optimizer.step();
            }
        }
    }

    /// <summary>The class, 0 to 9, and the features of each picture.</summary>
    /// <param name="data">The pictures.</param>
    public (long[] Classes, float[][] Features) Look(PictureSet data)
    {
        _features.eval();
        using var noGrad = no_grad();
        var classes = new List<long>();
        var features = new List<float[]>();
        int[] rows = [.. Enumerable.Range(0, data.Count)];
        foreach (int[] chunk in rows.Chunk(Batch))
        {
            using var scope = NewDisposeScope();
            var seen = _features.call(data.Rows(chunk).Pictures);
            classes.AddRange(_classes.call(seen).argmax(1).data<long>().ToArray());
            features.AddRange(seen.data<float>().ToArray().Chunk(Features));
        }
        return ([.. classes], [.. features]);
    }

    public void Save(string folder)
    {
        _features.save(Path.Combine(folder, "judge-features.bin"));
        _classes.save(Path.Combine(folder, "judge-classes.bin"));
    }

    public void Load(string folder)
    {
        _features.load(Path.Combine(folder, "judge-features.bin"));
        _classes.load(Path.Combine(folder, "judge-classes.bin"));
    }

    public void Dispose()
    {
        _features.Dispose();
        _classes.Dispose();
    }
}
