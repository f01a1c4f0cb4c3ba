// What .ci/run publishes from the packages, as a user would, and looks at.
using Microsoft.ML;
using Microsoft.ML.Diffusion;

Console.WriteLine(TorchNative.Description);
var d = new MLContext(seed: 1).Diffusion();
Console.WriteLine(d.Data.Rows("Label", ["cat", "dog"], countPerValue: 2).GetRowCount());
