using Microsoft.ML.Data;
using Microsoft.ML.Diffusion.TestSupport;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Edits of pictures: pixels in, pixels out.</summary>
[TestClass]
public sealed class PictureEditTests
{
    private readonly MLContext _ml = new(1);

    [TestMethod]
    public void Inpaint_MaskOfOnePlane_FillsThePlaceInEveryChannelAndKeepsTheRestToTheBit()
    {
        var d = _ml.Diffusion();
        var rows = Enumerable.Range(0, 3).Select(i => new Picture
        {
            Pixels = [.. Enumerable.Range(0, 12).Select(place => (float)((37 * place + 11 * i) % 256))],
            Hole = [0, 1, 0, 1],
        }).ToArray();
        var data = _ml.Data.LoadFromEnumerable(rows);
        var model = d.Transforms.NoiseSchedule("Pixels")
            .Append(new TestDenoiser(_ml, "Pixels"))
            .Append(d.Transforms.Inpaint("Filled", "Pixels", "Hole", new() { Steps = 3 }))
            .Fit(data);
        var filled = ViewChecks.Vectors(model.Transform(data), "Filled");
        for (int i = 0; i < rows.Length; i++)
            for (int place = 0; place < 12; place++)
            {
                Assert.IsInRange(0f, 255f, filled[i][place]);
                Assert.AreEqual(place % 2 == 0, rows[i].Pixels[place] == filled[i][place], $"picture {i}, place {place}");
            }
        Assert.AreEqual(new VectorDataViewType(NumberDataViewType.Single, 3, 2, 2), model.Transform(data).Schema["Filled"].Type);
    }

    private sealed class Picture
    {
        [VectorType(3, 2, 2)]
        public float[] Pixels { get; set; } = [];

        [VectorType(2, 2)]
        public float[] Hole { get; set; } = [];
    }
}
