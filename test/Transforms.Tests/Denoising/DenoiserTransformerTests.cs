using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;
using Microsoft.ML.Diffusion.Transforms;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Tests;

[TestClass]
public sealed class DenoiserTransformerTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void Denoised_EachRow_IsTheDenoisersAnswerInDataUnits()
    {
        var data = Point.Load(_ml, 20);
        var chain = TestPipelines.Denoiser(_ml).Fit(data);
        var view = chain.Transform(data);
        var handle = DenoiserHandle.Get(view.Schema, "Denoiser");
        var noised = ViewChecks.Vectors(view, "NoisedX");
        var levels = ViewChecks.Vectors(view, "NoisedXLevel");
        var packed = ViewChecks.Vectors(view, "Denoiser");
        var denoised = ViewChecks.Vectors(view, "Denoised");
        for (int i = 0; i < 20; i++)
        {
            handle.Spec.Codec.Encode(noised[i]);
            using var x = tensor(noised[i], [1, 4]);
            using var conditions = tensor(packed[i], [1, 1]);
            var level = new NoiseLevel(levels[i][1], levels[i][2]);
            using var answer = handle.Denoiser.Denoise(x, new StepContext(level), new Conditioning(handle.Layout, conditions)).X0;
            float[] expected = answer.data<float>().ToArray();
            handle.Spec.Codec.Decode(expected);
            for (int j = 0; j < 4; j++)
                Assert.AreEqual(expected[j], denoised[i][j], Float32Tolerance.OfNetwork(Math.Max(1, Math.Abs(expected[j]))));
        }
    }

    [TestMethod]
    public void Transform_RowsWithoutNoisedColumn_LeaveDenoisedOutAndLogOnce()
    {
        var messages = new List<string>();
        var model = TestPipelines.Unconditional(_ml).Fit(Point.Load(_ml, 5));
        _ml.Log += (_, e) => messages.Add(e.Message);
        var view = model.Transform(_ml.Diffusion().Data.Rows(2));
        Assert.AreSequenceEqual(new[] { "Seed", "Denoiser", "Sample" }, view.Schema.Select(column => column.Name));
        Assert.ContainsSingle(message => message.Contains("no column 'NoisedX': column 'Denoised' is left out", StringComparison.Ordinal), messages);
    }

    [TestMethod]
    public void Bind_DataOfOtherSize_IsRefused()
    {
        var model = TestPipelines.Unconditional(_ml).Fit(Point.Load(_ml, 5));
        var e = Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => model.Transform(_ml.Data.LoadFromEnumerable(new[] { new Longer() })));
        Assert.Contains("Schema mismatch for input column 'X': expected a vector of 4 values, the shape [4] of training, got Vector<Single, 5>", e.Message);
    }

    [TestMethod]
    public void Handle_AfterCacheAndShuffle_IsKept()
    {
        var data = Point.Load(_ml, 5);
        var view = TestPipelines.Denoiser(_ml).Fit(data).Transform(data);
        var handle = DenoiserHandle.Get(view.Schema, "Denoiser");
        var further = _ml.Data.ShuffleRows(_ml.Data.Cache(view), 1);
        Assert.AreSame(handle, DenoiserHandle.Get(further.Schema, "Denoiser"));
    }

    [TestMethod]
    public void Share_LastShareGivenBack_FreesWeights()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = TensorLeak.Count();
        var info = new ForwardProcessInfo("X", "N", "L", new GaussianProcess(KnownSchedules.Edm), new StandardizingCodec([0], [1]), new DataShape(1), 1);
        var model = TestDenoiser.Model(info, ConditionLayout.Empty);
        var share = model.Share();
        model.Dispose();
        Assert.IsGreaterThan(before, Tensor.TotalCount);
        share.Dispose();
        Assert.AreEqual(before, Tensor.TotalCount);
        Assert.ThrowsExactly<ObjectDisposedException>(model.Share);
    }

    [TestMethod]
    public void Dispose_Twice_GivesBackOneShare()
    {
        var transformer = (DenoiserTransformer)((IEnumerable<ITransformer>)TestPipelines.Denoiser(_ml).Fit(Point.Load(_ml, 5))).Last();
        using var share = transformer.Model.Share();
        transformer.Dispose();
        transformer.Dispose();
        using var another = share.Share();
    }

    private sealed class Longer
    {
        [VectorType(5)]
        public float[] X { get; set; } = [0, 0, 0, 0, 0];
    }
}
